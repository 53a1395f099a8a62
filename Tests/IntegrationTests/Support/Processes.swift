import CLinux
import Foundation
import Glibc

/// What the system's process table says of programs that a host started.
enum Processes {
    /// Children of `parent`; with `word` in their command line, where one is asked for.
    static func children(of parent: Int32, running word: String? = nil) -> [Int32] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return numbers.compactMap { Int32($0) }.filter { id in
            self.parent(of: id) == parent && word.map(commandLine(of: id).contains) ?? true
        }.sorted()
    }

    /// Any with a command line that begins so.
    static func running(_ beginning: String) -> [Int32] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return numbers.compactMap { Int32($0) }.filter { commandLine(of: $0).hasPrefix(beginning) }
    }

    static func environment(of id: Int32, contains word: String) -> Bool {
        let bytes = FileManager.default.contents(atPath: "/proc/\(id)/environ") ?? Data()
        return String(decoding: bytes, as: UTF8.self).contains(word)
    }

    private static func commandLine(of id: Int32) -> String { read(id, "cmdline") }

    /// A file of lists that end with zero bytes: `cmdline`, `environ`.
    static func read(_ id: Int32, _ name: String) -> String {
        let bytes = FileManager.default.contents(atPath: "/proc/\(id)/\(name)") ?? Data()
        return String(decoding: bytes, as: UTF8.self).replacing("\0", with: " ")
    }

    private static func parent(of id: Int32) -> Int32? {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(id)/stat") else {
            return nil
        }
        // number (name) state parent …; the name may hold anything, spaces and brackets too.
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 1 ? Int32(fields[1]) : nil
    }
}

/// A process that is not ours to reap, held by a descriptor: its number cannot be given to another.
final class WatchedProcess: Sendable {
    let id: Int32
    private let descriptor: CInt

    /// `nil` when it is gone already.
    init?(_ id: Int32) {
        self.id = id
        descriptor = host_pidfd_open(id)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    func send(signal: Int32) { kill(id, signal) }

    /// Whether it ends within the time, ms.
    func ends(within milliseconds: Int32) async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [descriptor] in
                var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                var count: CInt
                repeat {
                    count = poll(&watched, 1, milliseconds)
                } while count < 0 && errno == EINTR
                continuation.resume(returning: count > 0)
            }
        }
    }
}
