import Testing

@testable import Daemon

/// What the core does when another process is to take the place of this one.
struct HandoverTests {
    private func actions(after events: DaemonCore.Event...) -> [[DaemonCore.Action]] {
        var core = DaemonCore()
        return [DaemonCore.Event.committed, .loaded(failure: 0)].map { core.handle($0) }
            + events.map { core.handle($0) }
    }

    private func last(after events: DaemonCore.Event...) -> [DaemonCore.Action]? {
        var core = DaemonCore()
        return ([DaemonCore.Event.committed, .loaded(failure: 0)] + events).map { core.handle($0) }.last
    }

    @Test func `a daemon ends when the other one serves, and not before`() {
        let answers = actions(after: .replace, .tookOver, .delayPassed, .treeEnded(.clean))
        #expect(
            answers.dropFirst(2) == [[.startSuccessor], [.announceShutdown, .delay], [.stopTree], [.exit(0)]]
        )
    }

    @Test func `a daemon goes on when the other one ends, and may be replaced again`() {
        #expect(last(after: .replace, .successorEnded) == [.logSuccessorEnded])
        #expect(last(after: .replace, .successorEnded, .replace) == [.startSuccessor])
        #expect(last(after: .replace, .successorEnded, .tookOver) == [])
    }

    @Test func `there is one replacement at a time, and none during a load or a shutdown`() {
        #expect(last(after: .replace, .replace) == [.refuseReplacement])
        #expect(last(after: .hangUp, .replace) == [.refuseReplacement])
        #expect(last(after: .hangUp, .committed, .replace) == [.startSuccessor])
        #expect(last(after: .terminate, .replace) == [.refuseReplacement])
        #expect(DaemonCore().afterReplacement() == [.refuseReplacement])
    }

    @Test func `who ends the daemon ends the one that is about to take over too`() {
        #expect(last(after: .replace, .terminate) == [.endSuccessor, .announceShutdown, .delay])
        #expect(last(after: .replace, .terminate, .successorEnded) == [])
        #expect(last(after: .replace, .terminate, .tookOver) == [])
    }

    @Test func `a reload goes on while the other one starts`() {
        #expect(last(after: .replace, .hangUp) == [.load(.signal)])
        #expect(last(after: .replace, .hangUp, .tookOver) == [.announceShutdown, .callOffLoad])
    }

    @Test func `a second request to end forces what was handed over`() {
        #expect(last(after: .replace, .tookOver, .delayPassed, .terminate) == [.forceTree])
    }

    @Test func `a changed file is a reload, and is no news to a daemon that ends`() {
        #expect(last(after: .filesChanged) == [.load(.change)])
        #expect(last(after: .hangUp, .filesChanged, .loaded(failure: 65)) == [.load(.change)])
        #expect(last(after: .terminate, .filesChanged) == [])
    }
}

extension DaemonCore {
    /// What a request to be replaced brings about during the first load.
    fileprivate func afterReplacement() -> [Action] {
        var core = self
        return core.handle(.replace)
    }
}
