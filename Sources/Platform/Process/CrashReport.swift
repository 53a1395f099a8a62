import CLinux
import Glibc

/// What Swift's backtracer prints when this process crashes.
package enum CrashReport {
    private static let variable = "SWIFT_BACKTRACE"

    /// A crash is told without the memory that registers point at, which may be a token, and without the offer of a
    /// debugger, behind which the process would stay for half a minute. What the variable says already, counts.
    ///
    /// Call it first thing in `main`: the runtime reads its settings before that, so the program begins a second time,
    /// as the same process and with what it was started with.
    package static func hideMemory() {
        guard let settings = settings(with: getenv(variable).map { String(cString: $0) }) else {
            return nameProcess()
        }
        var variables: [UnsafeMutablePointer<CChar>?] = [strdup("\(variable)=\(settings)")]
        var entry = host_environment()
        while let text = entry?.pointee {
            if strncmp(text, variable + "=", variable.utf8.count + 1) != 0 {
                variables.append(text)
            }
            entry? += 1
        }
        // By this name it is the same program even where its file was replaced meanwhile.
        execve("/proc/self/exe", CommandLine.unsafeArgv, variables + [nil])
        // Not to be had: then it runs as it is, and a crash is told with registers.
        free(variables[0])
    }

    /// A list of processes would name it by the file that it was started from.
    private static func nameProcess() {
        guard let path = CommandLine.unsafeArgv[0].map({ String(cString: $0) }) else { return }
        host_set_thread_name(
            String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]))
    }

    /// - Returns: `nil` where nothing is to be added.
    static func settings(with given: String?) -> String? {
        let given = given ?? ""
        let keys = given.split(separator: ",").compactMap { $0.split(separator: "=").first }
        let added = ["registers=none", "interactive=no"].filter { setting in
            !keys.contains { setting.hasPrefix("\($0)=") }
        }
        guard !added.isEmpty, !given.split(separator: ",").contains("enable=no") else { return nil }
        return (given.isEmpty ? added : [given] + added).joined(separator: ",")
    }
}
