package import Processes

/// Takes every line and keeps none.
package struct DiscardedOutput: LineReceiver {
    package init() {}

    package func receive(_ line: ProcessLine) -> Bool { true }
    package func whenReady(_ resume: @escaping @Sendable () -> Void) { resume() }
}
