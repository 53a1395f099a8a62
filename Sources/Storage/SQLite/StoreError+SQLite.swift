import CSQLite
import Glibc
import Ports

extension StoreError {
    /// A result code in the port's terms, while the connection still holds the message.
    init(sqlite result: Int32, on handle: OpaquePointer?, doing what: String, at place: String) {
        let words = String(cString: handle.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(result))
        let system = handle.map { sqlite3_system_errno($0) } ?? 0
        let code: Code
        let advice: String
        switch result & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL:
            code = .inUse
            advice = "another program holds the store: end it (or its transaction), then try again"
        case SQLITE_FULL:
            code = .full
            advice = "free space there, then start again: the rows are written anew from the log"
        case SQLITE_IOERR where system == ENOSPC || system == EDQUOT || system == EFBIG:
            code = .full
            advice = "free space there, then start again: the rows are written anew from the log"
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
            code = .permission
            advice = "the file and its folder must belong to this user and be writable"
        case SQLITE_CANTOPEN:
            code = system == EACCES || system == EPERM ? .permission : .io
            advice = "check the path in the configuration, and that this user may write there"
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            code = .corrupt
            advice =
                "move the file and its -wal and -shm away: the tables are rebuilt from the log"
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH:
            code = .corrupt
            advice = "the rows contradict those stored: rebuild the tables from the log"
        default:
            code = .io
            advice = "check the disk (dmesg, smartctl), then start again"
        }
        let cause = system == 0 ? "" : " (\(Errno(system).words))"
        self.init(code, "cannot \(what): \(words)\(cause)", at: place, advice: advice)
    }
}
