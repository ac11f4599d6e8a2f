import Sockets
import Testing

@testable import Daemon

struct PassedDescriptorsTests {
    @Test func `descriptors are taken when they are meant for this process, with their names`() {
        let variables = ["LISTEN_PID": "7", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "a:b"]
        let sockets = PassedDescriptors.passed({ variables[$0] }, process: 7, parent: 1)
        #expect(
            sockets == [
                InheritedSocket(descriptor: 3, name: "a"), InheritedSocket(descriptor: 4, name: "b"),
                InheritedSocket(descriptor: 5, name: "unknown"),
            ]
        )
        #expect(PassedDescriptors.passed({ variables[$0] }, process: 8, parent: 1).isEmpty)
    }

    @Test func `a daemon passes them to the one that takes its place, which it cannot name yet`() {
        let variables = ["SUPERVISOR_PREDECESSOR": "6", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "predecessor"]
        #expect(PassedDescriptors.passed({ variables[$0] }, process: 7, parent: 6).map(\.name) == ["predecessor"])
        #expect(PassedDescriptors.passed({ variables[$0] }, process: 7, parent: 1).isEmpty)
    }

    @Test(arguments: ["", "0", "-1", "x", "99999999999", "70000"])
    func `a number of descriptors that makes no sense is none`(count: String) {
        let variables = ["LISTEN_PID": "7", "LISTEN_FDS": count]
        #expect(PassedDescriptors.passed({ variables[$0] }, process: 7, parent: 1).isEmpty)
    }
}
