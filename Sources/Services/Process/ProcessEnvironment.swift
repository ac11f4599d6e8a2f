import ServiceConfiguration

/// The environment of a program: little of the supervisor's own, and what the file says.
enum ProcessEnvironment {
    /// What a program gets from the supervisor's environment, which may carry secrets of others.
    static let inherited = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TZ", "TMPDIR", "TERM", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY",
        "LANG", "LC_ADDRESS", "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_IDENTIFICATION", "LC_MEASUREMENT", "LC_MESSAGES",
        "LC_MONETARY", "LC_NAME", "LC_NUMERIC", "LC_PAPER", "LC_TELEPHONE", "LC_TIME",
        "XDG_CACHE_HOME", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "XDG_CURRENT_DESKTOP", "XDG_DATA_DIRS", "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR", "XDG_SEAT", "XDG_SESSION_CLASS", "XDG_SESSION_DESKTOP", "XDG_SESSION_ID",
        "XDG_SESSION_TYPE", "XDG_STATE_HOME", "XDG_VTNR",
    ]
    /// The PATH of a supervisor without one, as of a login.
    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The variables of a program by name.
    ///
    /// - Parameters:
    ///   - own: Looks a variable of the supervisor up.
    ///   - account: The user that runs the program, when it is named.
    ///   - isNobody: True for a user without an account, of whom nothing is known.
    ///   - settings: The variables of the file.
    /// - Returns: The variables, of which there is always a PATH.
    static func variables(
        own: (String) -> String?,
        account: UserAccount?,
        isNobody: Bool,
        settings: [String: Secret]
    ) -> [String: String] {
        var variables: [String: String] = [:]
        for name in inherited { variables[name] = own(name) }
        variables["PATH"] = variables["PATH"] ?? defaultPath
        if isNobody {
            for name in ["HOME", "USER", "LOGNAME", "SHELL"] { variables[name] = nil }
        }
        if let account {
            variables["HOME"] = account.home
            variables["USER"] = account.name
            variables["LOGNAME"] = account.name
            variables["SHELL"] = account.shell
        }
        for (name, value) in settings { value.reveal { variables[name] = $0 } }
        return variables
    }
}
