import Glibc
import ServiceConfiguration
import TestSupport
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(1)))
struct ControlSocketTests {
    @Test(arguments: [
        (["RUNTIME_DIRECTORY": "/run/s", "XDG_RUNTIME_DIR": "/run/user/7"], "/run/s/control.sock"),
        (["RUNTIME_DIRECTORY": "/run/a/:/run/b"], "/run/a/control.sock"),
        (["XDG_RUNTIME_DIR": "/run/user/7/", "TMPDIR": "/var/tmp"], "/run/user/7/supervisor/control.sock"),
        (["XDG_RUNTIME_DIR": "relative", "TMPDIR": "/var//tmp/."], "/var/tmp/supervisor-7/control.sock"),
        (["RUNTIME_DIRECTORY": "", "XDG_RUNTIME_DIR": "", "TMPDIR": "../tmp"], "/tmp/supervisor-7/control.sock"),
        (["TMPDIR": "/tmp/../etc"], "/tmp/supervisor-7/control.sock"), ([:], "/tmp/supervisor-7/control.sock"),
    ])
    func `the default path is a function of environment and user`(environment: [String: String], path: String) {
        #expect(ControlSocketPath(variable: { environment[$0] }, userID: 7).path == path)
    }

    private func inFolder(_ body: (String, ControlSocketPath) throws -> Void) throws {
        let parent = try TestFolder.make()
        defer { TestFolder.remove(parent) }
        try body(parent, ControlSocketPath(variable: { ["TMPDIR": parent][$0] }, userID: geteuid()))
    }

    @Test
    func `a missing folder is made for the user alone, and taken again`() throws {
        try inFolder { _, path in
            #expect(throws: ControlSocketFolder.Problem.self) { try ControlSocketFolder.check(path) }
            try ControlSocketFolder.prepare(path)
            var status = stat()
            #expect(lstat(path.folder, &status) == 0 && status.st_mode & 0o7777 == 0o700)
            try ControlSocketFolder.prepare(path)
            try ControlSocketFolder.check(path)
        }
    }

    @Test(arguments: ["open", "foreign", "link", "file"])
    func `a folder that is not the user's own is refused`(kind: String) throws {
        try inFolder { parent, path in
            switch kind {
            case "open":
                mkdir(path.folder, 0o700)
                chmod(path.folder, 0o770)
            case "foreign":
                mkdir(path.folder, 0o700)
                chown(path.folder, 65_534, 65_534)
            case "link": symlink(parent, path.folder)
            case _: close(open(path.folder, O_CREAT | O_WRONLY, 0o700))
            }
            let text = "cannot use the folder \(path.folder) for the control socket: "
            let made = try #require(throws: ControlSocketFolder.Problem.self) { try ControlSocketFolder.prepare(path) }
            let found = try #require(throws: ControlSocketFolder.Problem.self) { try ControlSocketFolder.check(path) }
            #expect(made.description.hasPrefix(text) && found.description.hasPrefix(text))
        }
    }
}
