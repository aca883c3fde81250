/** The page of imports: how far one is follows by itself. */

import { follow } from "../admin/refresh.js";

follow(document, 500);
