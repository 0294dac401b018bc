/** Downloads mongod by the settings in the environment and prints its path; a program of its own, so that it can be killed. */
import { MongoBinary } from "npm:mongodb-memory-server-core@11.3.0";

console.log(await MongoBinary.getPath());
