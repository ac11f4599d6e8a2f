import Supervision
import Testing

/// The second net: what the compiler cannot refuse stops the process instead of leaking.
@Suite(.timeLimit(.minutes(1)))
struct TrapTests {
    @Test func `dropping a prepared service stops the process`() async {
        await #expect(processExitsWith: .failure) {
            _ = PreparedService(HeldNothing())
        }
    }

    @Test func `dropping a prepared child stops the process`() async {
        await #expect(processExitsWith: .failure) {
            _ = PreparedChild(specification(), prepared: PreparedService(HeldNothing()))
        }
    }

    @Test func `a prepared service that is discarded leaves the process alone`() async {
        await #expect(processExitsWith: .success) {
            await PreparedService(HeldNothing()).discard()
            let child = PreparedChild(specification(), prepared: PreparedService(HeldNothing()))
            await child.discard()
            await child.discard()
        }
    }
}

private struct HeldNothing: ~Copyable, Preparation {
    struct Released: ~Copyable, Receipt {}

    consuming func run(_ lifetime: consuming Lifetime) async -> Exit {
        .normal(lifetime.end(with: Released()))
    }

    consuming func discard() async {}
}

private struct Idle: Service {
    func prepare() async throws -> PreparedService {
        PreparedService(HeldNothing())
    }
}

private func specification() -> ChildSpecification {
    ChildSpecification(
        id: ChildID(name: "a", generation: 1),
        requires: [],
        restart: RestartPolicy(),
        drain: .seconds(1),
        essential: true,
        service: Idle()
    )
}
