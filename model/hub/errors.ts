import { LapidaryError } from "../../engine/mod.ts";

/** What more is known of a failed exchange with the hub. */
export interface HubFault {
  /** Status of the hub's answer; absent where there was none. */
  readonly status?: number | undefined;
  /** Whether the same request may succeed later: 429, 5xx, a cut, a stall. */
  readonly passing?: boolean | undefined;
  /** Milliseconds that the hub asks to wait before the next request. */
  readonly retryAfter?: number | undefined;
  /** Whether there is no such repository, as far as this token may know. */
  readonly missing?: boolean | undefined;
  /** Whether no host answered at all: the cache may stand in. */
  readonly unreachable?: boolean | undefined;
}

/** The hub, or the way to it, refused or failed. Neither the message nor the fault ever holds the token. */
export class HubError extends LapidaryError {
  override name = "HubError";
  readonly fault: HubFault;
  constructor(message: string, fault: HubFault = {}) {
    super(message);
    this.fault = fault;
  }
}
