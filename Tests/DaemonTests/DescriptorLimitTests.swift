import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct DescriptorLimitTests {
    @Test func `a limit below what the daemon itself opens is an error that says how much it needs`() {
        #expect(DescriptorLimit.error(limit: 38, loops: 2) == nil)
        #expect(
            DescriptorLimit.error(limit: 15, loops: 2)
                == "cannot start with a limit of 15 descriptors: raise RLIMIT_NOFILE to 38 at least"
        )
        // Each event loop of a larger machine needs some more.
        #expect(DescriptorLimit.error(limit: 38, loops: 64) != nil)
    }
}
