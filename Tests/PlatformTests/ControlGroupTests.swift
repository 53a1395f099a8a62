import Glibc
import Testing

@testable import Platform

@Suite struct ControlGroupTests {
    private let mounts = """
        21 1 0:20 / /proc rw,nosuid - proc proc rw
        30 21 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate
        """

    @Test func theHostsOwnGroupIsFound() throws {
        let place = try #require(
            ControlGroupPlace(own: "0::/system.slice/madang.service\n", mounts: mounts))
        #expect(place.folder == "/sys/fs/cgroup/system.slice/madang.service")
        #expect(!place.isTop && !place.isDivided)
    }

    @Test func anotherNurseryOfADividedHostFindsTheSameGroup() throws {
        let place = try #require(
            ControlGroupPlace(own: "0::/a/madang-host\n", mounts: mounts))
        #expect(place.folder == "/sys/fs/cgroup/a" && place.isDivided)
        let top = try #require(ControlGroupPlace(own: "0::/\n", mounts: mounts))
        #expect(top.folder == "/sys/fs/cgroup" && top.isTop)
    }

    /// A container may show a part of the hierarchy only.
    @Test func whatIsMountedOfAPartCountsFromThere() throws {
        let part = mounts.replacing("0:26 / /sys", with: "0:26 /docker/ab /sys")
        let place = try #require(ControlGroupPlace(own: "0::/docker/ab/x\n", mounts: part))
        #expect(place.folder == "/sys/fs/cgroup/x")
        #expect(ControlGroupPlace(own: "0::/docker/abc\n", mounts: part) == nil)
    }

    @Test(arguments: ["", "9:name=systemd:/\n4:memory:/a\n", "0::\n", "junk"])
    func withoutVersionTwoThereIsNone(_ own: String) {
        #expect(ControlGroupPlace(own: own, mounts: mounts) == nil)
        #expect(ControlGroupPlace(own: "0::/a\n", mounts: own) == nil)
    }

    @Test func onlyWhatWasGivenIsDivided() {
        func isGiven(_ isRoot: Bool, _ isMarked: Bool, _ isTop: Bool, _ isWritable: Bool) -> Bool {
            ControlGroupPlace.isGiven(
                isRoot: isRoot, isMarked: isMarked, isTop: isTop, isWritable: isWritable)
        }
        #expect(isGiven(false, false, false, true), "a user's own")
        #expect(!isGiven(false, true, true, false), "it cannot be written")
        #expect(!isGiven(true, false, false, true), "root may write to everybody's")
        #expect(isGiven(true, true, false, true) && isGiven(true, false, true, true))
    }

    @Test func eventsAreCounted() {
        let events = "low 0\nhigh 3\nmax 12\noom 1\noom_kill 2\noom_group_kill 1\n"
        #expect(ControlGroupPlace.count(of: "oom_kill", in: events) == 2)
        #expect(ControlGroupPlace.count(of: "oom_kill", in: "oom_kill x") == 0)
    }

    private static let base = ControlGroupBase(reading: ProcessTable())

    /// The kernel holds it, its children and its strays; nothing of the group stays.
    @Test(.enabled(if: base != nil, "no control group was given to this process"))
    func theKernelHoldsAProgramToItsMemory() async throws {
        let nursery = ProcessNursery()
        let lines = ProcessTests.Lines()
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        var launch = ProcessLaunch(
            arguments: ["python3", "/\(folder)/Servers/hog.py", "60", "2"], environment: [:])
        launch.memory = 100 << 20
        let child = try await nursery.launch(launch, onLine: lines.take)
        #expect(await child.waitForExit() == .signal(SIGKILL))
        #expect(
            child.end?.description
                == "was killed by the host: it needed more than its limit of 100 MiB (memory)")
        #expect(lines.all == [], "it never had more")
        launch.arguments = ["python3", "/\(folder)/Servers/hog.py", "60", "1"]
        let other = try await nursery.launch(launch, onLine: lines.take)
        _ = await lines.first(1)
        #expect(other.exit == nil)
        let base = try #require(Self.base)
        let group = "\(base.folder)/madang-\(getpgid(other.id))"
        #expect(ControlGroup.read(group + "/cgroup.procs").contains("\(other.id)\n"))
        other.terminate()
        _ = await other.waitForExit()
        #expect(access(group, F_OK) != 0)
        nursery.shutDown()
    }
}
