import Foundation
import Glibc
import Synchronization

/// A file that could not be written, in the system's own words and with what to do.
///
/// Foundation would say of a disk that does not answer "The operation could not be completed".
struct PrivateFileError: LocalizedError, CustomStringConvertible {
    /// As of `errno`.
    let code: Int32

    var description: String { String(cString: strerror(code)) }
    var errorDescription: String? { description }

    var advice: String {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: "free some room there, or raise the quota"
        case EACCES, EPERM, EROFS:
            "the folder must belong to this user and be writable; choose another or chown it"
        case ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG: "make the folder, or check the path"
        default: "check the disk (dmesg, smartctl)"
        }
    }
}

/// Replaces the file whole, for its owner alone: never there in part or for others, whenever it is cut short.
///
/// A crash may leave a file beside it, named like it, with a point before and numbers behind:
/// ``removeLeftPrivateFiles(in:)``.
func writePrivateFile(_ data: Data, to path: String) throws(PrivateFileError) {
    let place = URL(fileURLWithPath: path)
    let number = privateFiles.add(1, ordering: .relaxed).newValue
    let fresh =
        place.deletingLastPathComponent().path
        + "/.\(place.lastPathComponent).\(getpid()).\(number)"
    do throws(PrivateFileError) {
        try fill(fresh, data)
        guard rename(fresh, path) == 0 else { throw PrivateFileError(code: errno) }
    } catch {
        unlink(fresh)
        throw error
    }
    // Without this a power cut may bring the old one back; that the new one is whole stands already.
    let folder = open(place.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    _ = fsync(folder)
    close(folder)
}

/// Removes what writers that were killed have left in these folders of ours: `.NAME.PROCESS.N`.
///
/// One whose process is there stays, be it that another has got its number since. What cannot be
/// removed is only room on the disk.
func removeLeftPrivateFiles(in folders: [String]) {
    for folder in folders {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count >= 4, parts[0].isEmpty, !parts[1].isEmpty,
                UInt(parts.last ?? "") != nil, let process = pid_t(parts[parts.count - 2]),
                process > 0, kill(process, 0) != 0, errno == ESRCH
            else { continue }
            unlink(folder + "/" + name)
        }
    }
}

private let privateFiles = Atomic(0)

private func fill(_ path: String, _ data: Data) throws(PrivateFileError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw PrivateFileError(code: errno) }
    defer { close(file) }
    let failure = data.withUnsafeBytes { bytes -> Int32 in
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            done += count
        }
        return fsync(file) == 0 ? 0 : errno
    }
    guard failure == 0 else { throw PrivateFileError(code: failure) }
}
