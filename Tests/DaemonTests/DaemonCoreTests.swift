import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct DaemonCoreTests {
    private func actions(after events: DaemonCore.Event...) -> [[DaemonCore.Action]] {
        var core = DaemonCore()
        return events.map { core.handle($0) }
    }

    @Test func `a first load that fails ends the daemon with its exit code`() {
        #expect(actions(after: .loaded(failure: 78), .treeEnded(.clean)) == [[.stopTree], [.exit(78)]])
        #expect(actions(after: .loaded(failure: 69), .treeEnded(.clean)) == [[.stopTree], [.exit(69)]])
    }

    @Test func `a reload that fails changes nothing`() {
        let answers = actions(
            after: .committed,
            .loaded(failure: 0),
            .hangUp,
            .loaded(failure: 69),
            .hangUp
        )
        #expect(answers == [[], [], [.load(.signal)], [], [.load(.signal)]])
    }

    @Test func `requests to reload during a load become one more load`() {
        let answers = actions(
            after: .committed,
            .loaded(failure: 0),
            .hangUp,
            .hangUp,
            .hangUp,
            .committed,
            .hangUp,
            .loaded(failure: 0),
            .loaded(failure: 0)
        )
        #expect(answers == [[], [], [.load(.signal)], [], [], [], [], [.load(.signal)], []])
    }

    @Test func `a request for a load is served at once or refused at once`() {
        let answers = actions(
            after: .request(1),
            .committed,
            .loaded(failure: 0),
            .request(3),
            .request(4),
            .loaded(failure: 69),
            .terminate,
            .request(5),
            .delayPassed,
            .treeEnded(.clean),
            .request(6)
        )
        #expect(
            answers == [
                [.refuse(1)], [], [], [.load(.request(3))], [.refuse(4)], [],
                [.announceShutdown, .delay], [.refuse(5)], [.stopTree], [.exit(0)], [.refuse(6)],
            ]
        )
    }

    @Test func `what a load has started is waited for until somebody wants another load`() {
        let asked = actions(
            after: .committed,
            .request(1),
            .request(2),
            .hangUp,
            .loaded(failure: 0),
            .request(3),
            .committed,
            .loaded(failure: 0)
        )
        #expect(
            asked == [
                [], [.endWait], [.refuse(2)], [.endWait], [.load(.request(1))], [.refuse(3)], [], [.load(.signal)],
            ]
        )
        let hungUp = actions(after: .committed, .hangUp, .hangUp, .loaded(failure: 0))
        #expect(hungUp == [[], [.endWait], [], [.load(.signal)]])
        let failed = actions(
            after: .committed,
            .request(1),
            .trialFailed,
            .loaded(failure: 0),
            .committed,
            .loaded(failure: 0)
        )
        #expect(failed == [[], [.endWait], [.endWait], [.load(.reversal)], [.endWait], [.load(.request(1))]])
        let ended = actions(after: .committed, .request(1), .terminate)
        #expect(ended.last == [.refuse(1), .announceShutdown, .delay])
        let late = actions(after: .committed, .request(1), .trialFailed, .loaded(failure: 0), .terminate)
        #expect(late.last == [.refuse(1), .announceShutdown, .callOffLoad])
    }

    @Test func `a generation that fails its trial is reverted when no other load is under way`() {
        let serving = actions(after: .loaded(failure: 0), .trialFailed, .hangUp, .committed, .loaded(failure: 0))
        #expect(serving == [[], [.load(.reversal)], [], [], [.load(.signal)]])
        let settling = actions(after: .loaded(failure: 0), .hangUp, .committed, .trialFailed, .loaded(failure: 0))
        #expect(settling.last == [.load(.reversal)])
        let rejected = actions(after: .loaded(failure: 0), .hangUp, .trialFailed, .hangUp, .loaded(failure: 65))
        #expect(rejected.last == [.load(.reversal)], "what failed still runs")
    }

    @Test func `a commit ends the trial of what ran before`() {
        let answers = actions(after: .loaded(failure: 0), .hangUp, .trialFailed, .committed, .loaded(failure: 0))
        #expect(answers == [[], [.load(.signal)], [], [], []])
    }

    @Test func `nothing is reverted during a shutdown`() {
        #expect(
            actions(after: .loaded(failure: 0), .terminate, .trialFailed, .delayPassed).suffix(2) == [[], [.stopTree]]
        )
    }

    @Test func `a request to shut down while staging calls the load off and then stops`() {
        let answers = actions(after: .terminate, .loaded(failure: 0), .treeEnded(.clean))
        #expect(answers == [[.announceShutdown, .callOffLoad], [.stopTree], [.exit(0)]])
    }

    @Test func `a request to shut down that comes after the commit does not wait for readiness`() {
        let answers = actions(after: .committed, .terminate, .delayPassed, .loaded(failure: 0), .treeEnded(.forced))
        #expect(answers == [[], [.announceShutdown, .delay], [.stopTree], [], [.exit(1)]])
    }

    @Test func `a call-off that lost the race against the commit shuts down from there`() {
        let answers = actions(after: .terminate, .committed, .delayPassed, .treeEnded(.clean))
        #expect(answers == [[.announceShutdown, .callOffLoad], [.delay], [.stopTree], [.exit(0)]])
    }

    @Test func `a second request forces, a third changes nothing`() {
        let answers = actions(
            after: .committed,
            .loaded(failure: 0),
            .terminate,
            .delayPassed,
            .terminate,
            .terminate,
            .treeEnded(.forced)
        )
        #expect(answers == [[], [], [.announceShutdown, .delay], [.stopTree], [.forceTree], [], [.exit(1)]])
    }

    @Test func `a second request during the delay ends the delay and forces`() {
        let answers = actions(after: .loaded(failure: 0), .terminate, .terminate, .delayPassed, .treeEnded(.clean))
        #expect(answers == [[], [.announceShutdown, .delay], [.stopTree, .forceTree], [], [.exit(0)]])
    }

    @Test func `a request to reload during the shutdown is ignored and said`() {
        let answers = actions(after: .loaded(failure: 0), .terminate, .hangUp, .delayPassed, .hangUp)
        #expect(answers == [[], [.announceShutdown, .delay], [.logBusy], [.stopTree], [.logBusy]])
    }

    @Test func `a start that is over late is announced, unless the daemon ends already`() {
        #expect(actions(after: .committed, .loaded(failure: 0), .started) == [[], [], [.announceStart]])
        #expect(actions(after: .committed, .loaded(failure: 0), .hangUp, .started).last == [.announceStart])
        #expect(actions(after: .committed, .loaded(failure: 0), .terminate, .started).last == [])
        #expect(actions(after: .committed, .loaded(failure: 0), .treeEnded(.escalated), .started).last == [])
    }

    @Test func `a tree that escalates ends the daemon in every state`() {
        for events: [DaemonCore.Event] in [
            [], [.committed], [.loaded(failure: 0)], [.terminate], [.loaded(failure: 0), .terminate],
            [.loaded(failure: 0), .terminate, .delayPassed],
        ] {
            var core = DaemonCore()
            for event in events { _ = core.handle(event) }
            #expect(core.handle(.treeEnded(.escalated)) == [.exit(70)])
            #expect(core.state == .ended)
        }
    }

    @Test func `the daemon is ending from the request to shut down, or from a failed start, and not before`() {
        var core = DaemonCore()
        for event in [DaemonCore.Event.committed, .loaded(failure: 0), .hangUp, .loaded(failure: 69)] {
            _ = core.handle(event)
            #expect(!core.isEnding)
        }
        for event in [DaemonCore.Event.terminate, .delayPassed, .terminate, .treeEnded(.forced)] {
            _ = core.handle(event)
            #expect(core.isEnding)
        }
        var failed = DaemonCore()
        _ = failed.handle(.loaded(failure: 78))
        #expect(failed.isEnding)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func `no order of events makes two loads at once, two exits or an action after the end`(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        for _ in 0..<2_000 {
            var core = DaemonCore()
            var loads = 1
            var ended = false
            for _ in 0..<50 {
                var events: [DaemonCore.Event] = [
                    .hangUp, .terminate, .reportStatus, .delayPassed, .started, .request(7), .trialFailed,
                ]
                if loads > 0 { events += [.loaded(failure: 0), .loaded(failure: 69), .committed] }
                if random.next() % 20 == 0 { events.append(.treeEnded(.clean)) }
                guard let event = events.randomElement(using: &random) else { continue }
                if case .loaded = event { loads -= 1 }
                let actions = core.handle(event)
                loads += actions.count { if case .load = $0 { true } else { false } }
                #expect(loads <= 1, "seed \(seed)")
                #expect(!ended || actions.allSatisfy { $0 == .logStatus || $0 == .refuse(7) }, "seed \(seed)")
                if actions.contains(where: { if case .exit = $0 { true } else { false } }) { ended = true }
            }
        }
    }
}

/// SplitMix64: a small generator whose runs can be repeated from their seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
