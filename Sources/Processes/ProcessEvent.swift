/// What happens to a child process while it lives, in order.
package enum ProcessEvent: Sendable {
    /// `READY=1` from the program or a descendant.
    case ready
    /// `WATCHDOG=1`.
    case watchdog
    /// `WATCHDOG=trigger`: the program itself says that it is stuck.
    case watchdogTrigger
    /// The program has ended; descendants may still live.
    case exited(ExitStatus)
}
