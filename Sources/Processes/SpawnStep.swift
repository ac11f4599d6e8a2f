import CWarden

/// The steps of a start, as error messages name them after "cannot".
enum SpawnStep {
    static func name(of step: Int32) -> String {
        switch step {
        case CWARDEN_STEP_KEEPER: "start a keeper for"
        case CWARDEN_STEP_REQUEST: "read the request for"
        case CWARDEN_STEP_NOTIFY: "bind the notification socket of"
        case CWARDEN_STEP_NULL: "open /dev/null for"
        case CWARDEN_STEP_FORK: "fork for"
        case CWARDEN_STEP_SESSION: "make a session for"
        case CWARDEN_STEP_DESCRIPTORS: "pass the descriptors to"
        case CWARDEN_STEP_LIMIT: "set a limit of"
        case CWARDEN_STEP_GROUPS: "set the supplementary groups of"
        case CWARDEN_STEP_GROUP: "become the group of"
        case CWARDEN_STEP_USER: "become the user of"
        case CWARDEN_STEP_DIRECTORY: "change to the directory of"
        case CWARDEN_STEP_TIE: "tie the life of"
        default: "run"
        }
    }
}
