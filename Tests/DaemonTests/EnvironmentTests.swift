import Glibc
import ServiceConfiguration
import TestSupport
import Testing

@testable import Daemon

/// Configurations in real files.
@Suite(.timeLimit(.minutes(1)))
struct EnvironmentTests {
    /// Runs `body` with the path of `services.yaml` in a new folder that has a folder `conf.d`.
    private func inFolder(_ main: String, _ body: (_ file: String, _ folder: String) throws -> Void) throws {
        let folder = try TestFolder.make()
        defer { TestFolder.remove(folder) }
        mkdir(folder + "/conf.d", 0o755)
        try write(main, to: folder + "/services.yaml")
        try body(folder + "/services.yaml", folder)
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }

    private func reading(_ file: String) -> ConfigurationReader.Reading {
        ConfigurationReader(surroundings: Environment.surroundings).read(file)
    }

    private static let echo = "services:\n  a: { type: echo, listen: 127.0.0.1:0 }\n"

    @Test func `folders, FIFOs and links to nothing are told at once, each in one line`() throws {
        try inFolder("include: [conf.d/*.yaml]\n") { file, folder in
            try write(Self.echo, to: folder + "/conf.d/a.yaml")
            #expect(mkfifo(folder + "/conf.d/b.yaml", 0o644) == 0)
            #expect(mkdir(folder + "/conf.d/c.yaml", 0o755) == 0)
            #expect(symlink("nowhere", folder + "/conf.d/d.yaml") == 0)
            guard case .rejected(let diagnostics) = reading(file).outcome else {
                Issue.record("accepted")
                return
            }
            let advice = "make it a file that can be read, or remove it"
            let (odd, gone) = ("not a regular file", "no such file or directory")
            #expect(
                diagnostics.map(\.description) == [
                    "\(folder)/conf.d/b.yaml:1:1: cannot include this file: \(odd); \(advice)",
                    "\(folder)/conf.d/c.yaml:1:1: cannot include this file: \(odd); \(advice)",
                    "\(folder)/conf.d/d.yaml:1:1: cannot include this file: \(gone); \(advice)",
                ]
            )
        }
    }

    @Test func `a file is read once, whichever path leads to it`() throws {
        try inFolder("include: ['*.yaml', conf.d/a.yaml, ./conf.d/../conf.d/a.yaml, conf.d/*.yaml]\n") { file, folder in
            try write(Self.echo, to: folder + "/conf.d/a.yaml")
            #expect(symlink("a.yaml", folder + "/conf.d/b.yaml") == 0)
            #expect(link(folder + "/conf.d/a.yaml", folder + "/conf.d/c.yaml") == 0)
            let reading = reading(file)
            guard case .accepted = reading.outcome else {
                Issue.record("\(reading.outcome)")
                return
            }
            #expect(reading.sources.map(\.file) == [file, folder + "/conf.d/a.yaml"])
        }
    }

    @Test func `a folder that is not there is told, an empty one is none of a mistake`() throws {
        try inFolder("include: [conf.d/*.yaml]\n") { file, folder in
            guard case .accepted(let configuration) = reading(file).outcome else {
                Issue.record("rejected")
                return
            }
            #expect(configuration.services.isEmpty)
            rmdir(folder + "/conf.d")
            guard case .rejected(let diagnostics) = reading(file).outcome else {
                Issue.record("accepted")
                return
            }
            #expect(
                diagnostics.map(\.description) == [
                    "\(file):1:11: cannot include `conf.d/*.yaml`: there is no folder `\(folder)/conf.d/`; make it, or "
                        + "correct the path"
                ]
            )
        }
    }
}
