/// The page that shows the daemon's state: one document without anything from elsewhere.
package enum StatusPage {
    /// The whole document.
    package static let html = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <title>supervisor</title>
        <p>See <a href="v1/status">the status</a>.</p>
        </html>

        """
}
