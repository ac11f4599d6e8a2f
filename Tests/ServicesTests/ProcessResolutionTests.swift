import Addresses
import Glibc
import Logging
import Processes
import ServiceConfiguration
import TestSupport
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ProcessResolutionTests {
    private static func position(_ line: Int) -> SourcePosition {
        SourcePosition(file: "services.yaml", line: line, column: 7)
    }

    private static func request(
        _ program: String = "sh",
        own: [String: String] = ["PATH": "/usr/bin:/bin"],
        highest: UInt64? = nil,
        _ change: (inout ProcessSettings) -> Void = { _ in }
    ) throws(PreparationError) -> SpawnRequest {
        var settings = ProcessSettings(program: Located(program, at: position(2)), arguments: [Secret("-c")])
        change(&settings)
        let specification = ServiceSpecification(name: "p", at: position(1), kind: .process(settings), listen: [])
        let resolution = ProcessResolution(
            specification: specification,
            settings: settings,
            output: DiscardedOutput(),
            own: { own[$0] },
            highest: { _ in highest }
        )
        return try resolution.request()
    }

    private static func error(_ program: String = "sh", _ change: (inout ProcessSettings) -> Void) -> PreparationError?
    {
        do throws(PreparationError) {
            _ = try request(program, change)
            return nil
        } catch {
            return error
        }
    }

    /// A folder for the time of `body`.
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = try TestFolder.make()
        defer { TestFolder.remove(folder) }
        try body(folder)
    }

    private static func write(_ path: String, _ text: String = "#!/bin/sh\n", mode: mode_t) throws {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, mode)
        try #require(descriptor >= 0)
        #expect(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
        close(descriptor)
        try #require(chmod(path, mode) == 0)
    }

    // MARK: Programs and directories

    @Test
    func `a name is looked for in PATH, and stays the program's name for itself`() throws {
        let request = try Self.request()
        #expect(request.program == "/usr/bin/sh" || request.program == "/bin/sh")
        #expect(request.arguments == ["sh", "-c"])
        #expect(request.identity == nil)
    }

    @Test
    func `the PATH is the one that the program will have`() throws {
        let error = Self.error { $0.environment["PATH"] = Secret("/nowhere:/elsewhere") }
        #expect(error?.position == Self.position(2))
        #expect(
            error?.message
                == "cannot find the program `sh` in PATH; install it, or give its path"
        )
    }

    @Test
    func `a PATH of the file never appears in a message`() throws {
        try Self.withFolder { folder in
            try Self.write("\(folder)/run", mode: 0o644)
            defer { unlink("\(folder)/run") }
            let error = Self.error("run") { $0.environment["PATH"] = Secret("/hunter2-canary:\(folder)") }
            #expect(
                error?.message
                    == "cannot run the `run` in PATH: it is not executable; change its mode, or correct `command`"
            )
        }
    }

    @Test(arguments: [
        ("/no/such/program", "there is no such file; install it, or correct `command`"),
        ("/usr", "it is not a file; correct `command`"),
        ("/etc/passwd", "it is not executable; change its mode, or correct `command`"),
    ])
    func `a program that cannot be run is an error at its position`(program: String, reason: String) {
        let error = Self.error(program) { _ in }
        #expect(error == PreparationError(at: Self.position(2), "cannot run \(program): \(reason)"))
    }

    @Test
    func `a relative path is one below the program's directory`() throws {
        try Self.withFolder { folder in
            try Self.write("\(folder)/run", mode: 0o755)
            defer { unlink("\(folder)/run") }
            let request = try Self.request("./run") { $0.directory = Located(folder, at: Self.position(3)) }
            #expect(request.program == "\(folder)/run")
            #expect(request.directory == folder)
        }
    }

    @Test(arguments: [
        ("#!/no/such/sh -e\n", "its interpreter /no/such/sh is not there; install it, or correct the first line"),
        ("#! /etc\n", "its interpreter /etc is not a file; correct the first line"),
        ("echo", "it is neither a program nor a script with a #! line; add the line, or correct `command`"),
        ("", "it is neither a program nor a script with a #! line; add the line, or correct `command`"),
    ])
    func `a script that the kernel cannot run is an error that says why`(text: String, reason: String) throws {
        try Self.withFolder { folder in
            try Self.write("\(folder)/run", text, mode: 0o755)
            defer { unlink("\(folder)/run") }
            let error = Self.error("\(folder)/run") { _ in }
            #expect(error == PreparationError(at: Self.position(2), "cannot run \(folder)/run: \(reason)"))
        }
    }

    @Test
    func `a script whose interpreter has gone meanwhile crashes with its name`() throws {
        try Self.withFolder { folder in
            try Self.write("\(folder)/run", "#!/no/such/sh\n", mode: 0o755)
            defer { unlink("\(folder)/run") }
            let error = SpawnError(step: "run", program: "\(folder)/run", errno: ENOENT)
            #expect(error.failureText.hasPrefix("cannot run \(folder)/run: its interpreter /no/such/sh is not there"))
        }
    }

    @Test(arguments: [
        ("/no/such/folder", "there is no such directory; create it, or correct `directory`"),
        ("/etc/passwd", "it is not a directory; remove what is there, or correct `directory`"),
    ])
    func `a directory that is not there is an error at its position`(directory: String, reason: String) {
        let error = Self.error { $0.directory = Located(directory, at: Self.position(3)) }
        let text = "cannot change to the directory \(directory): \(reason)"
        #expect(error == PreparationError(at: Self.position(3), text))
    }

    @Test
    func `the program of a health check has to be there too`() {
        let error = Self.error {
            $0.health = HealthSettings(check: .command(program: "no-such-check", arguments: []))
        }
        #expect(error?.position == Self.position(1))
        #expect(error?.message.hasPrefix("cannot find the program `no-such-check` in ") == true)
    }

    @Test
    func `the text of a log line cannot be found in output that is inherited`() {
        let error = Self.error {
            $0.ready.fact = .log("up")
            $0.output = .inherit
        }
        #expect(error?.message.hasSuffix("use `output: log`") == true)
    }

    // MARK: Users and groups

    @Test
    func `an unknown user or group is an error at its position`() {
        let user = Self.error { $0.user = Located("no-such-user", at: Self.position(4)) }
        #expect(user?.position == Self.position(4))
        #expect(user?.message.hasPrefix("cannot run as the user `no-such-user`: there is no such user") == true)
        let group = Self.error { $0.group = Located("no-such-group", at: Self.position(5)) }
        #expect(group?.position == Self.position(5))
        #expect(group?.message.hasPrefix("cannot run as the group `no-such-group`: there is no such group") == true)
    }

    @Test
    func `a user without an account needs a group`() {
        let error = Self.error { $0.user = Located("4000000", at: Self.position(4)) }
        #expect(error?.message.hasSuffix("its group is not known, because it has no account; add `group`") == true)
    }

    @Test(.enabled(if: geteuid() == 0, "changing the user needs root"))
    func `a user becomes numbers, with its groups and its environment`() throws {
        let account = try #require(UserAccount.named("nobody"))
        let request = try Self.request(own: ["PATH": "/bin", "HOME": "/of/the/supervisor"]) {
            $0.user = Located("nobody", at: Self.position(4))
            $0.environment["SHELL"] = Secret("/bin/mine")
        }
        let identity = try #require(request.identity)
        #expect(identity.user == account.user && identity.group == account.group)
        #expect(identity.supplementaryGroups.contains(account.group))
        #expect(request.environment.contains("HOME=\(account.home)"))
        #expect(request.environment.contains("USER=nobody"))
        #expect(request.environment.contains("SHELL=/bin/mine"), "the file wins")
        let own = ["PATH": "/usr/bin:/bin", "HOME": "/root", "USER": "root", "LOGNAME": "root", "SHELL": "/bin/sh"]
        let numbered = try Self.request(own: own) {
            $0.user = Located("4000000", at: Self.position(4))
            $0.group = Located("4000001", at: Self.position(5))
        }
        #expect(numbered.environment == ["PATH=/usr/bin:/bin"], "nothing is known of a user without an account")
        let numbers = ProcessUser(user: 4_000_000, group: 4_000_001, supplementaryGroups: [4_000_001])
        #expect(numbered.identity == numbers)
    }

    @Test(.enabled(if: geteuid() == 0, "another user's access is asked by root"))
    func `a program that only others may run is an error`() throws {
        try Self.withFolder { folder in
            try #require(chmod(folder, 0o755) == 0)
            try Self.write("\(folder)/run", mode: 0o700)
            defer { unlink("\(folder)/run") }
            let error = Self.error("\(folder)/run") { $0.user = Located("nobody", at: Self.position(4)) }
            #expect(error?.message.hasPrefix("cannot run \(folder)/run: it is not executable") == true)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "another user's access is asked by root"))
    func `a folder that only others may enter is an error, for the program and for the directory`() throws {
        try Self.withFolder { folder in
            // mkdtemp(3) makes it for its owner alone.
            try Self.write("\(folder)/run", mode: 0o755)
            try #require(mkdir("\(folder)/work", 0o755) == 0)
            defer {
                unlink("\(folder)/run")
                rmdir("\(folder)/work")
            }
            let program = Self.error("\(folder)/run") { $0.user = Located("nobody", at: Self.position(4)) }
            #expect(program?.position == Self.position(2))
            #expect(program?.message.hasPrefix("cannot run \(folder)/run: its user may not enter \(folder);") == true)
            let directory = Self.error {
                $0.user = Located("nobody", at: Self.position(4))
                $0.directory = Located("\(folder)/work", at: Self.position(3))
            }
            #expect(directory?.position == Self.position(3))
            #expect(directory?.message.contains("the program's user may not enter \(folder);") == true)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may become anybody"))
    func `another user without privileges is an error`() {
        let error = Self.error { $0.user = Located("root", at: Self.position(4)) }
        #expect(error?.message.hasPrefix("cannot run as the user `root` without privileges") == true)
    }

    // MARK: Environment, limits, names

    @Test
    func `a program gets little of the supervisor's environment`() throws {
        let own = [
            "PATH": "/bin", "LC_ALL": "C", "XDG_RUNTIME_DIR": "/run/x", "SECRET": "hidden", "NOTIFY_SOCKET": "@x",
        ]
        let request = try Self.request(own: own) { $0.environment["A"] = Secret("b=c") }
        #expect(request.environment == ["A=b=c", "LC_ALL=C", "PATH=/bin", "XDG_RUNTIME_DIR=/run/x"])
        let bare = try Self.request(own: [:])
        #expect(bare.environment == ["PATH=\(ProcessEnvironment.defaultPath)"])
    }

    @Test
    func `the manual names every variable that is passed on`() throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
        let file = try #require(fopen("\(root)/man/services.yaml.5", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        let manual = String(decoding: bytes.prefix(count), as: UTF8.self)
        let start = try #require(manual.firstRange(of: ".Em The environment .\n")).upperBound
        let end = try #require(manual[start...].firstRange(of: "\nwith\n")).lowerBound
        let macros = manual[start..<end].split(separator: "\n").filter { $0.hasPrefix(".Ev ") }
        let named = macros.flatMap { $0.dropFirst(4).split(separator: " ") }.filter { $0 != "," && $0 != ";" }
        #expect(named.map(String.init).sorted() == ProcessEnvironment.inherited.sorted())
    }

    @Test
    func `limits are passed on, a part of a second of processor time is one`() throws {
        let request = try Self.request {
            $0.limits.memory = 1 << 30
            $0.limits.openFiles = 100
            $0.limits.cpuTime = .milliseconds(200)
        }
        let limits = [ResourceLimit(.addressSpace, 1 << 30), .init(.openFiles, 100), .init(.cpuSeconds, 1)]
        #expect(request.limits == limits)
    }

    @Test
    func `a limit above the hard limit is an error that names both`() {
        #expect(throws: Never.self) {
            _ = try Self.request(highest: 100) { $0.limits.openFiles = 100 }
        }
        let text =
            "cannot set limits.processes to 101: the supervisor's own hard limit is 100; raise that one, or lower the "
            + "value"
        #expect(throws: PreparationError(at: Self.position(1), text)) {
            _ = try Self.request(highest: 100) { $0.limits.processes = 101 }
        }
    }

    @Test(arguments: [
        (ListenAddress.tcp(.v4(0x7f00_0001), port: 80), "127.0.0.1_80"),
        (.tcp(.v6([0, 0, 0, 0, 0, 0, 0, 1]), port: 80), "[__1]_80"),
        (.unix(path: "/run/x.sock"), "unix_/run/x.sock"),
        (.unix(path: "/run/é"), "web"),
    ])
    func `a passed socket has a name without a colon`(address: ListenAddress, name: String) {
        #expect(SocketNames.name(of: address, fallback: "web") == name)
    }

    @Test
    func `a text is found across the parts of a long line, in one stream`() {
        let found = RecordedLog()
        let receiver = ReadyLineReceiver("listening on", base: DiscardedOutput()) { found.logger.info("found") }
        func receive(_ text: String, isError: Bool = false, isPart: Bool = false) {
            #expect(receiver.receive(ProcessLine(text: text, isError: isError, isPart: isPart)))
        }
        receive("xxx listen", isPart: true)
        receive("ing on", isError: true)
        #expect(found.lines.isEmpty)
        receive("ing on 80")
        receive("listening on 81")
        #expect(found.lines == ["info found "])
    }
}
