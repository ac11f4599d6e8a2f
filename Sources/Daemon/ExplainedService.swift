import ServiceConfiguration
import Services
import Supervision

/// A service whose failures read like those of a load: with the place in the file, and with who holds its address.
struct ExplainedService: Service {
    let service: any ConfigurableService
    let specification: ServiceSpecification
    let explain: AcquisitionExplanation

    func prepare() async throws -> PreparedService {
        do {
            return try await service.prepare()
        } catch {
            throw explain.error(for: NextState.Failure(service: specification, error: error))
        }
    }
}
