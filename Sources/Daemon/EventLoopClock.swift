import NIOCore

/// The monotonic clock with an event loop's timers, so that sleeping starts no thread and no other timer.
struct EventLoopClock: Clock {
    typealias Instant = ContinuousClock.Instant

    let loop: any EventLoop

    var now: Instant { ContinuousClock.now }
    var minimumResolution: Duration { ContinuousClock().minimumResolution }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let alarm = loop.scheduleTask(in: TimeAmount(deadline - now)) {}
        do {
            try await withTaskCancellationHandler {
                try await alarm.futureResult.get()
            } onCancel: {
                alarm.cancel()
            }
        } catch EventLoopError.cancelled {
            throw CancellationError()
        }
    }
}
