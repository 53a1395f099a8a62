import Glibc
import Ports

extension StoreError {
    /// A failed system call in the port's terms, with the system's own words and what to do next.
    init(_ error: Errno, doing what: String, at place: String, advice: String? = nil) {
        let code: Code
        let usual: String
        switch error.code {
        case ENOSPC, EDQUOT, EFBIG:
            code = .full
            usual =
                "free space there (or raise the quota), then start again: what was durable stays"
        case EACCES, EPERM, EROFS:
            code = .permission
            usual =
                "the folder must belong to this user and be writable; choose another or chown it"
        case ENOENT, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG:
            code = .io
            usual = "check the path in the configuration"
        case EMFILE, ENFILE:
            code = .io
            usual = "too many files are open: raise the limit (ulimit -n)"
        default:
            code = .io
            usual =
                "check the disk (dmesg, smartctl), then start again: recovery keeps what is whole"
        }
        self.init(code, "cannot \(what): \(error.words)", at: place, advice: advice ?? usual)
    }
}
