import Supervision

/// A service that holds a resource from its preparation to its end.
///
/// `run` cannot return without an `Exit`, an `Exit` needs `lifetime.end(with:)`, and that needs the receipt of the file:
/// forgetting to close it does not compile.
struct NotebookService: Service {
    func prepare() async throws -> PreparedService {
        PreparedService(Open(notebook: try Notebook()))
    }

    struct Open: ~Copyable, Preparation {
        let notebook: Notebook

        init(notebook: consuming Notebook) {
            self.notebook = notebook
        }

        consuming func run(_ lifetime: consuming Lifetime) async -> Exit {
            lifetime.ready()
            await lifetime.stopRequested()
            return .normal(lifetime.end(with: notebook.close()))
        }

        consuming func discard() async {
            _ = notebook.close()
        }
    }
}
