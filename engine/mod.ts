/** The door of the engine: nothing outside `engine/` imports anything else of it. */
export { DataError, DeviceError, LapidaryError, ShapeError, UsageError } from "./core/errors.ts";
