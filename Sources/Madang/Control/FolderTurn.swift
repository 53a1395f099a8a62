import Glibc

/// A turn at a small file, among those who would change it at once; the system ends it with the process.
final class FolderTurn {
    private let file: CInt

    /// - Parameters:
    ///   - path: Of a file that is for this alone.
    ///   - patience: Waited at most, ms: nobody who hangs keeps another out.
    init(_ path: String, patience: Int) {
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        for _ in 0..<patience where file >= 0 {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return }
            usleep(1_000)
        }
    }

    deinit { if file >= 0 { close(file) } }
}
