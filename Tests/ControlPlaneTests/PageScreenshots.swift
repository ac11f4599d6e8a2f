import ControlPlane
import Foundation
import ScenarioSupport
import Testing

/// Pictures of the page for a person, in the folder that the environment names.
@Suite(
    .timeLimit(.minutes(5)),
    .enabled(if: ProcessInfo.processInfo.environment["SUPERVISOR_SCREENSHOTS"] != nil)
)
struct PageScreenshots {
    private static let snapshots = [
        ("healthy", Snapshots.healthy), ("failed", Snapshots.failed), ("rejected", Snapshots.rejected),
        ("draining", Snapshots.draining),
    ]

    @Test func `pictures of four states, light and dark, on a desk and on a phone`() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["SUPERVISOR_SCREENSHOTS"])
        try BrowserPage.run { page in
            for (name, snapshot) in Self.snapshots {
                for (scheme, width) in [("light", 1_440), ("dark", 1_440), ("light", 360), ("dark", 360)] {
                    page.server.goAway()
                    page.server.comeBack()
                    try page.resize(width: width, height: 1_700)
                    let media = [["name": "prefers-color-scheme", "value": scheme]]
                    try page.call("Emulation.setEmulatedMedia", ["features": media])
                    try page.open(snapshot)
                    let picture = try page.call("Page.captureScreenshot", ["format": "png"])
                    let data = try #require(Data(base64Encoded: picture["data"] as? String ?? ""))
                    try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)-\(scheme)-\(width).png"))
                }
            }
            page.forgive { $0.contains("ERR_") }
        }
    }
}
