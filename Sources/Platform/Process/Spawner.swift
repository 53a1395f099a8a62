import CLinux
import Glibc

/// Turns a ``ProcessLaunch`` into two processes of one group: the program, and a warden beside it.
///
/// The warden is a shell that sleeps on the lifeline. When the host ends in any way, the kernel
/// closes the lifeline's other end, and the warden ends the group: first politely, then after the
/// grace for good. It also keeps the group's number from being given to others.
enum Spawner {
    /// What runs, and the host's ends of its pipes.
    struct Spawned: ~Copyable {
        let process: pid_t
        let warden: pid_t
        let processEnd: FileDescriptor
        let output: FileDescriptor
        let error: FileDescriptor
        /// Closing it wakes the warden.
        let lifeline: FileDescriptor
        /// Where the kernel holds it to its memory; `nil`: the host has to weigh it.
        let group: ControlGroup?
    }

    /// Must be called on the thread that lives as long as the host: the signal that tells a child
    /// of its parent's end is tied to the thread that forked it, not to the process.
    ///
    /// - Parameter groups: Where control groups can be made.
    static func spawn(
        _ launch: ProcessLaunch, groups: ControlGroupBase? = nil
    ) throws(ProcessLaunchError) -> Spawned {
        let name = launch.arguments.first ?? ""
        let program = try find(name, in: launch)
        guard let output = Pipe(), let error = Pipe(), let lifeline = Pipe() else {
            throw reason(errno, program: name)
        }
        let nothing = FileDescriptor(open("/dev/null", O_RDWR | O_CLOEXEC))

        var request = host_spawn_request()
        request.input = nothing.raw
        request.output = nothing.raw
        request.error = nothing.raw
        request.lifeline = lifeline.reading.raw
        var code: CInt = 0
        let warden = start(
            "/bin/sh", ["sh", "-c", wardenScript(grace: launch.grace)],
            ["PATH": "/usr/bin:/bin"], nil, [], &request, &code)
        guard warden > 0 else { throw reason(code, program: "/bin/sh") }

        request.output = output.writing.raw
        request.error = error.writing.raw
        request.group = warden
        request.death_signal = SIGTERM
        if let before = CoreDumps.before {
            request.has_core_limit = 1
            request.core_limit = before.limit
        }
        var group: ControlGroup?
        if let limit = launch.memory, let groups {
            group = ControlGroup(in: groups, named: "madang-\(warden)", limit: limit)
        }
        if let group {
            request.has_entrance = 1
            request.entrance = group.entrance.raw
        }
        if let nice = launch.nice {
            request.has_nice = 1
            // Less than the host's own would need a privilege.
            request.nice = max(nice, host_own_nice())
        }
        let process = start(
            program, launch.arguments, launch.environment, launch.directory,
            launch.cpus?.mask ?? [], &request, &code)
        let processEnd = process > 0 ? host_pidfd_open(process) : -1
        guard process > 0, processEnd >= 0 else {
            if process > 0 { code = errno }
            end(group: warden)
            group?.remove()
            reap(warden)
            if process > 0 { reap(process) }
            throw reason(code, program: name, directory: launch.directory)
        }
        CoreDumps.restoreFilter(of: process)
        output.reading.setNonBlocking()
        error.reading.setNonBlocking()
        return Spawned(
            process: process, warden: warden, processEnd: FileDescriptor(processEnd),
            output: output.reading, error: error.reading, lifeline: lifeline.writing, group: group)
    }

    /// SIGKILL to everything in the group, the warden included.
    static func end(group: pid_t) { kill(-group, SIGKILL) }

    /// Blocks until the process is gone; it must have ended or been killed.
    @discardableResult static func reap(_ process: pid_t) -> ProcessExit {
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return .code(-1) }
        }
        return host_wait_did_exit(status) != 0
            ? .code(host_wait_exit_code(status)) : .signal(host_wait_signal(status))
    }

    private static func wardenScript(grace: Int64) -> String {
        let milliseconds = max(0, grace / 1_000_000)
        let seconds = "\(milliseconds / 1000).\(String(milliseconds % 1000 + 1000).dropFirst())"
        return
            "trap '' HUP INT QUIT TERM; read -r _ <&3; kill -TERM 0; sleep \(seconds); kill -KILL 0"
    }

    private static func start(
        _ program: String, _ arguments: [String], _ environment: [String: String],
        _ directory: String?, _ cpus: [UInt], _ request: inout host_spawn_request,
        _ code: inout CInt
    ) -> pid_t {
        let pairs = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var texts: [UnsafeMutablePointer<CChar>?] = []
        func copy(_ text: String) -> UnsafeMutablePointer<CChar>? {
            texts.append(strdup(text))
            return texts.last ?? nil
        }
        defer { texts.forEach { free($0) } }
        var argv = arguments.map(copy) + [nil]
        var envp = pairs.map(copy) + [nil]
        let programCopy = copy(program)
        let directoryCopy = directory.flatMap(copy)
        return argv.withUnsafeMutableBufferPointer { argv in
            envp.withUnsafeMutableBufferPointer { envp in
                request.program = UnsafePointer(programCopy)
                request.directory = UnsafePointer(directoryCopy)
                request.arguments = UnsafePointer(argv.baseAddress)
                request.environment = UnsafePointer(envp.baseAddress)
                return cpus.withUnsafeBytes { mask in
                    request.cpus = mask.baseAddress
                    request.cpu_bytes = mask.count
                    return host_spawn(&request, &code)
                }
            }
        }
    }

    private static func find(
        _ name: String, in launch: ProcessLaunch
    ) throws(ProcessLaunchError) -> String {
        guard !name.isEmpty, !launch.arguments.contains(where: { $0.utf8.contains(0) }) else {
            throw ProcessLaunchError("the command is empty or holds a zero byte", program: name)
        }
        guard !name.contains("/") else { return name }
        let path = launch.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        for folder in path.split(separator: ":") where access("\(folder)/\(name)", X_OK) == 0 {
            return "\(folder)/\(name)"
        }
        let advice =
            name.contains(" ")
            ? "give program and arguments each for itself: [\(name.split(separator: " ").joined(separator: ", "))]"
            : "install it, or give its path; looked in \(path)"
        throw ProcessLaunchError("there is no such program", program: name, advice: advice)
    }

    private static func reason(
        _ code: CInt, program: String, directory: String? = nil
    ) -> ProcessLaunchError {
        let place = directory.map { " in \($0)" } ?? ""
        return ProcessLaunchError(
            systemMessage(code) + place, program: program,
            advice: code == EACCES ? "chmod +x \(program)" : "")
    }
}
