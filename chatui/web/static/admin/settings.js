/** The settings page follows the link to the internet while it is being opened. */

import { follow } from "./refresh.js";

follow(document, 1000);
