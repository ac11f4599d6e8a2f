import Glibc

/// A user of the system, as far as a program that runs as that user needs it.
package struct UserAccount: Hashable, Sendable {
    var name: String
    var user: UInt32
    var group: UInt32
    var home: String
    var shell: String

    /// An entry of a directory service may be long; one longer than this is broken.
    private static let entryLimit = 1 << 20

    /// The user of a name; nil: there is none.
    static func named(_ name: String) -> UserAccount? {
        look { getpwnam_r(name, $0, $1, $2, $3) }
    }

    /// The user of a number; nil: there is none.
    static func numbered(_ user: UInt32) -> UserAccount? {
        look { getpwuid_r(user, $0, $1, $2, $3) }
    }

    /// The number of a group; nil: there is none.
    @Sendable
    package static func groupNumber(named name: String) -> UInt32? {
        var entry = Glibc.group()
        return withBuffer { buffer, count in
            var found: UnsafeMutablePointer<Glibc.group>?
            let code = getgrnam_r(name, &entry, buffer, count, &found)
            return (code, found.map { $0.pointee.gr_gid })
        }
    }

    /// The groups of the user beside `group`.
    func supplementaryGroups(beside group: UInt32) -> [UInt32] {
        var count: Int32 = 64
        while true {
            var groups = [gid_t](repeating: 0, count: Int(count))
            let capacity = count
            if getgrouplist(name, group, &groups, &count) >= 0 { return Array(groups.prefix(Int(count))) }
            // The kernel takes no more than 65,536.
            guard capacity < count, count <= 65_536 else { return [group] }
        }
    }

    private typealias Look = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    private static func look(_ call: Look) -> UserAccount? {
        var entry = passwd()
        return withBuffer { buffer, count in
            var found: UnsafeMutablePointer<passwd>?
            let code = call(&entry, buffer, count, &found)
            return (code, found.map { UserAccount($0.pointee) })
        }
    }

    /// Repeats `body` with a larger buffer until it is large enough.
    private static func withBuffer<Result>(
        _ body: (UnsafeMutablePointer<CChar>, Int) -> (code: Int32, result: Result?)
    ) -> Result? {
        var count = 1024
        while count <= entryLimit {
            let (code, result) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: count) { buffer in
                buffer.baseAddress.map { body($0, buffer.count) } ?? (0, nil)
            }
            guard code == ERANGE else { return result }
            count *= 4
        }
        return nil
    }

    private init(_ entry: passwd) {
        name = String(cString: entry.pw_name)
        user = entry.pw_uid
        group = entry.pw_gid
        home = String(cString: entry.pw_dir)
        shell = String(cString: entry.pw_shell)
    }
}
