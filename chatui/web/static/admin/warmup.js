/** The warm-up page follows what is being warmed up. */

import { follow } from "./refresh.js";

follow(document, 1000);
