import Glibc

/// What a host writes down of a program that it started, for the next host of the same folder.
package struct ProcessRecord: Hashable, Sendable {
    /// Of the machine's start: start times count from it.
    package let boot: String
    package let program: ProcessIdentity
    /// Leads the group.
    package let warden: ProcessIdentity
    /// For people. Without its arguments: one of them may be a secret.
    package let command: String

    package init(boot: String, program: ProcessIdentity, warden: ProcessIdentity, command: String) {
        self.boot = boot
        self.program = program
        self.warden = warden
        self.command = String(oneLine(command).prefix(200))
    }

    package var text: String {
        """
        madang process 1
        boot \(boot)
        program \(program.id) \(program.start)
        warden \(warden.id) \(warden.start)
        command \(command)

        """
    }

    /// - Returns: `nil` for anything but the whole of ``text``: a torn record names nobody.
    package init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 6, lines[0] == "madang process 1", lines[5].isEmpty,
            let boot = Self.value(of: "boot", lines[1]), !boot.isEmpty,
            let program = Self.value(of: "program", lines[2]).flatMap(Self.identity),
            let warden = Self.value(of: "warden", lines[3]).flatMap(Self.identity),
            let command = Self.value(of: "command", lines[4])
        else { return nil }
        self.init(
            boot: String(boot), program: program, warden: warden, command: String(command))
    }

    /// - Returns: `nil` for what is no record of this user's own.
    init?(at path: String) {
        guard let bytes = try? SmallFile.read(path, limit: 4_096, isPrivate: true) else {
            return nil
        }
        self.init(String(decoding: bytes, as: UTF8.self))
    }

    private static func value(of key: String, _ line: Substring) -> Substring? {
        line.hasPrefix(key + " ") ? line.dropFirst(key.count + 1) : nil
    }

    private static func identity(_ text: Substring) -> ProcessIdentity? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let id = Int32(words[0]), id > 1, let start = UInt64(words[1]),
            start > 0
        else { return nil }
        return ProcessIdentity(id: id, start: start)
    }

    /// Whole or not at all; for its owner alone. What fails is left: it is no more than a help.
    func write(to path: String) {
        let new = path + ".new"
        unlink(new)
        let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return }
        let bytes = Array(text.utf8)
        let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        close(file)
        if count == bytes.count { rename(new, path) } else { unlink(new) }
    }
}
