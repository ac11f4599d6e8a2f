import Addresses
import Glibc
import Sockets
import Synchronization
import Testing

@testable import ControlPlane

extension EndpointTests {
    @Suite
    struct PeerTests {
        private static let group: UInt32 = 54_321

        private static func path(_ rig: EndpointRig) throws -> String {
            guard case .unix(let path) = rig.address else { throw SystemCallError(errno: EAFNOSUPPORT) }
            return path
        }

        private static func status(_ path: String) -> (mode: UInt32, group: UInt32) {
            var status = stat()
            lstat(path, &status)
            return (status.st_mode & 0o7777, status.st_gid)
        }

        @Test
        func `without a group the kernel lets nobody else connect`() async throws {
            try await EndpointRig.control { rig in
                let path = try Self.path(rig)
                #expect(Self.status(path).mode == 0o600)
                let text = try await OtherUser.ask("GET /v1/status", at: path, user: 65_534, groups: [65_534])
                #expect(text == "refused: Permission denied")
                let own = try await OtherUser.ask("GET /v1/status", at: path, user: 0, groups: [0])
                #expect(own.contains("200 OK"))
            }
        }

        @Test
        func `a user whom the kernel lets in by mistake is refused, and logged once`() async throws {
            try await EndpointRig.control(group: Self.group) { rig in
                let path = try Self.path(rig)
                chmod(path, 0o666)
                for _ in 0..<3 {
                    let text = try await OtherUser.ask("POST /v1/reload", at: path, user: 65_534, groups: [65_534])
                    #expect(text.contains("403 Forbidden") && text.contains("\"forbidden\""), "\(text)")
                }
                _ = try await OtherUser.ask("GET /livez", at: path, user: 65_533, groups: [65_533])
                #expect(rig.steering.asked == [])
                let lines = rig.record.lines.withLock { $0.filter { $0.contains("was refused") } }
                #expect(
                    lines.count == 2 && lines[0].contains("uid=65534") && lines[1].contains("uid=65533"),
                    "\(lines)"
                )
            }
        }

        @Test
        func `members of the group give commands, but do not read files as the daemon`() async throws {
            try await EndpointRig.control(group: Self.group) { rig in
                let path = try Self.path(rig)
                let status = Self.status(path)
                #expect(status.mode == 0o660 && status.group == Self.group)
                for groups in [[Self.group], [65_534, 7, Self.group]] {
                    let text = try await OtherUser.ask("POST /v1/reload", at: path, user: 65_534, groups: groups)
                    #expect(text.contains("200 OK"), "\(groups): \(text)")
                }
                let file = "POST /v1/plan?file=/etc/shadow"
                let text = try await OtherUser.ask(file, at: path, user: 65_534, groups: [Self.group])
                #expect(text.contains("403 Forbidden"))
                let own = try await OtherUser.ask(file, at: path, user: 0, groups: [0])
                #expect(own.contains("200 OK"))
                #expect(rig.steering.asked == ["reload -", "reload -", "plan /etc/shadow"])
            }
        }
    }
}
