import ControlPlane

/// Everything that a load needs before it prepares services, or all that is in the way.
enum AcquisitionOutcome: ~Copyable {
    case acquired(StagedResources)
    case failed([LoadError])
}
