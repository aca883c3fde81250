/** The models page follows downloads and loads. */

import { follow } from "./refresh.js";

follow(document, 1000);
