import Glibc
import Processes
import ServiceConfiguration

/// Who runs a program: the keys `user` and `group` as numbers.
struct ProcessIdentityResolution {
    /// What the program runs as; nil: as the supervisor itself.
    let user: ProcessUser?
    /// The account of `user`, for the environment; nil when none is named, or a number without an account.
    let account: UserAccount?

    /// Looks the names up; may wait for a directory service.
    init(user: Located<String>?, group: Located<String>?) throws(PreparationError) {
        guard let name = user ?? group else {
            self.user = nil
            account = nil
            return
        }
        account = user.flatMap { UserAccount.named($0.value) ?? UInt32($0.value).flatMap(UserAccount.numbered) }
        let userNumber = try Self.number(of: user, account)
        let groupNumber = try Self.number(of: group, account, user)
        if userNumber == geteuid(), groupNumber == getegid(), geteuid() != 0 {
            self.user = nil
            return
        }
        guard geteuid() == 0 else {
            let kind = user == nil ? "group" : "user"
            throw PreparationError(
                at: name.position,
                "cannot run as the \(kind) `\(name.value)` without privileges; "
                    + "run the supervisor as root, or remove `\(kind)`"
            )
        }
        let groups = account?.supplementaryGroups(beside: groupNumber) ?? [groupNumber]
        self.user = ProcessUser(user: userNumber, group: groupNumber, supplementaryGroups: groups)
    }

    private static func number(
        of user: Located<String>?,
        _ account: UserAccount?
    ) throws(PreparationError) -> UInt32 {
        guard let user else { return geteuid() }
        if let number = account?.user ?? UInt32(user.value) { return number }
        throw PreparationError(
            at: user.position,
            "cannot run as the user `\(user.value)`: there is no such user; create it, or correct `user`"
        )
    }

    private static func number(
        of group: Located<String>?,
        _ account: UserAccount?,
        _ user: Located<String>?
    ) throws(PreparationError) -> UInt32 {
        if let group {
            if let number = UserAccount.groupNumber(named: group.value) ?? UInt32(group.value) { return number }
            throw PreparationError(
                at: group.position,
                "cannot run as the group `\(group.value)`: there is no such group; create it, or correct `group`"
            )
        }
        if let number = account?.group { return number }
        guard let user else { return getegid() }
        throw PreparationError(
            at: user.position,
            "cannot run as the user `\(user.value)`: its group is not known, because it has no account; add `group`"
        )
    }
}
