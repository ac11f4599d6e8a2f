/// Takes the output of a program, line by line, as fast as it can.
package protocol LineReceiver: Sendable {
    /// Takes a line; runs on an event loop and must not block.
    ///
    /// - Returns: False when no more lines are wanted for now: the program's pipe is not read until then, so that it
    ///   waits, unless it has exited.
    func receive(_ line: ProcessLine) -> Bool

    /// Calls `resume` once, from any thread, when lines are wanted again; called after `receive` returned false.
    func whenReady(_ resume: @escaping @Sendable () -> Void)
}
