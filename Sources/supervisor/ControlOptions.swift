import ArgumentParser
import ControlPlane
import Daemon
import Glibc

/// The daemon that a verb talks to.
struct ControlOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's control socket.",
            discussion: "Without it, the first of $RUNTIME_DIRECTORY/control.sock, "
                + "$XDG_RUNTIME_DIR/supervisor/control.sock, ${TMPDIR:-/tmp}/supervisor-UID/control.sock and "
                + "/run/swift-supervisor/control.sock that exists.",
            valueName: "path"
        ),
        completion: .file()
    )
    var socket: String?

    func client() throws(ControlFailure) -> ControlClient {
        try ControlClient(
            ControlSocketCandidates(option: socket, variable: Environment.variable, user: geteuid())
        )
    }

    /// Asks the daemon; a failure becomes one line and an exit code.
    ///
    /// When the daemon does not know the name that the verb is about, the nearest is suggested. With `json`, what it
    /// refuses is an answer, too.
    func ask(about name: String? = nil, json: Bool, _ body: (ControlClient) throws -> Void) throws {
        do {
            try body(client())
        } catch let failure as ControlFailure {
            let explained = explained(failure, name)
            if json, case .refused(let refusal) = explained {
                try Output.write(try JSONFormat.line(refusal) + "\n")
            } else {
                Output.say("\(explained)")
            }
            throw ArgumentParser.ExitCode(failure.exitCode)
        }
    }

    private func explained(_ failure: ControlFailure, _ name: String?) -> ControlFailure {
        guard case .refused(let refusal) = failure, refusal.kind == .unknownName, let name else { return failure }
        do {
            let snapshot = try client().answer(Snapshot.self, to: .status).value
            return .refused(KnownNames(snapshot).refusal(of: name))
        } catch {
            return failure
        }
    }
}
