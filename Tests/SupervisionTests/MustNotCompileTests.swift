import Foundation
import Testing

/// What the compiler has to refuse, because the ownership of a service's resources rests on it.
///
/// The first line of each snippet is the message to expect, or `compiles`. Ownership is checked when SIL is emitted:
/// `-typecheck` would accept most of them.
@Suite(.timeLimit(.minutes(5)))
struct MustNotCompileTests {
    struct Verdict {
        var succeeded: Bool
        var output: String
    }

    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent()
        .deletingLastPathComponent()
        .appending(path: "MustNotCompile")

    static let snippets: [String] = {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { $0.hasSuffix(".swift") }
                .sorted()
        } catch {
            return []
        }
    }()

    @Test func `every way around a receipt has its snippet`() {
        #expect(
            Self.snippets == [
                "ClosesTwice.swift", "DropsItsProof.swift", "HandsTheLifetimeToATask.swift",
                "MakesAReceiptOutOfNothing.swift", "ReturnsEarly.swift", "ReturnsWithoutClosing.swift",
                "RunsToItsReceipt.swift", "SettlesWithoutAReceipt.swift", "UsesAPreparedServiceTwice.swift",
            ]
        )
    }

    @Test(arguments: snippets)
    func `the compiler judges a snippet as its first line says`(snippet: String) throws {
        let file = Self.folder.appending(path: snippet)
        let text = try String(contentsOf: file, encoding: .utf8)
        let firstLine = try #require(text.split(separator: "\n").first)
        let expectation = firstLine.dropFirst("// ".count)
        let verdict = try compile(file)
        if expectation == "compiles" {
            #expect(verdict.succeeded, "\(verdict.output)")
        } else {
            #expect(!verdict.succeeded)
            #expect(verdict.output.contains("error: \(expectation)"), "\(verdict.output)")
        }
    }

    private func compile(_ file: URL) throws -> Verdict {
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = [
            "swiftc", "-emit-sil", "-o", "/dev/null", "-swift-version", "6", "-parse-as-library",
            "-I", try modules().path, file.path,
        ]
        let pipe = Pipe()
        compiler.standardOutput = pipe
        compiler.standardError = pipe
        try compiler.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        compiler.waitUntilExit()
        return Verdict(
            succeeded: compiler.terminationStatus == 0,
            output: String(decoding: output, as: UTF8.self)
        )
    }

    /// The folder of the modules that this test was built with, beside the test bundle.
    private func modules() throws -> URL {
        let binary = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let products = [URL(filePath: binary), URL(filePath: CommandLine.arguments[0])].map {
            $0.deletingLastPathComponent().appending(path: "Modules")
        }
        let found = products.first {
            FileManager.default.fileExists(atPath: $0.appending(path: "Supervision.swiftmodule").path)
        }
        return try #require(found, "no module folder beside \(binary)")
    }
}
