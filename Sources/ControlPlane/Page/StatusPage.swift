import Services

/// The status page: one document with everything that it needs, live by `GET /v1/events` of its own origin.
///
/// It is made of the files beside this one, which are part of the program.
package enum StatusPage {
    private static let style = text(PackageResources.page_css)
    /// One script, so that the functions of a file see those of the others; `page.js` starts it, so it comes last.
    private static let script = [
        PackageResources.draw_js, PackageResources.tree_js, PackageResources.panels_js, PackageResources.page_js,
    ].map(text).joined()

    package static let html: String = text(PackageResources.page_html)
        .replacing("/* page.css */", with: style)
        .replacing("/* page.js */", with: script)

    /// The value of `Content-Security-Policy` with which the page is to be served.
    ///
    /// It allows the style and the script that the page was made with, its own origin, and nothing else; with trusted
    /// types no text can become HTML.
    package static let contentSecurityPolicy = [
        "default-src 'none'",
        "script-src '\(source(of: script))'",
        "style-src '\(source(of: style))'",
        "img-src data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ].joined(separator: "; ")

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func source(of text: String) -> String {
        "sha256-" + Base64.text(of: SHA256.digest(of: Array(text.utf8)))
    }
}
