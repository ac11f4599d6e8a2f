import ControlPlane
import Glibc

/// Shows the status again and again, also while the daemon is away.
struct StatusWatch {
    /// A status, as it was asked for.
    struct Report {
        var snapshot: Snapshot
        var json: String?

        init(_ snapshot: Snapshot, json: String?) {
            self.snapshot = snapshot
            self.json = json
        }

        func text(_ style: TextStyle) -> String {
            json.map { $0 + "\n" } ?? StatusText(snapshot, style: style).lines.map { $0 + "\n" }.joined()
        }
    }

    /// What is shown.
    private struct View {
        /// The last that was had.
        var report: Report
        /// Why there is none now.
        var failure: String?
        /// That the daemon is another one than before.
        var restart: String?
    }

    private static let interval: Int32 = 1_000

    var control: ControlOptions
    var output: OutputOptions
    var report: (ControlClient) throws -> Report

    /// Ends by an interruption, which leaves the terminal as it is: nothing was hidden or switched.
    func run(_ first: Report) throws {
        var before: View?
        var view = View(report: first)
        while true {
            try show(view, after: before)
            poll(nil, 0, Self.interval)
            before = view
            try look(&view)
        }
    }

    private func look(_ view: inout View) throws {
        do {
            let report = try report(control.client())
            let (daemon, last) = (report.snapshot.daemon, view.report.snapshot.daemon)
            // In a container every daemon may be process 1.
            if daemon.pid != last.pid || daemon.uptimeSeconds < last.uptimeSeconds {
                view.restart = "the daemon was started again; its process was \(last.pid) before"
            }
            view.report = report
            view.failure = nil
        } catch let failure as ControlFailure {
            view.failure = "\(failure)"
        }
    }

    private func show(_ view: View, after before: View?) throws {
        if !output.json, let terminal = Terminal() {
            let style = output.style
            let frame = ScreenText.frame(
                StatusText(view.report.snapshot, style: style).lines,
                notice: view.failure ?? view.restart,
                rows: terminal.rows,
                isFirst: before == nil,
                style: style
            )
            return try Output.write(frame)
        }
        // Another program reads: what has not changed is not said again.
        if let restart = view.restart, restart != before?.restart { Output.say(restart) }
        if let failure = view.failure {
            if failure != before?.failure { Output.say(failure) }
            return
        }
        try Output.write((before == nil || output.json ? "" : "\n") + view.report.text(output.style))
    }
}
