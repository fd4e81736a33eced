import Testing

@testable import Distributed

/// What launchers say by variables, and what of it cannot be.
@Suite struct WorldTests {
    @Test func nobodyHasLaunchedSeveral() throws {
        #expect(try World.found(in: [:]) == nil)
        #expect(try World.found(in: ["RANK": "0", "WORLD_SIZE": "1"]) == nil)
        // A batch script of SLURM's, outside srun.
        #expect(try World.found(in: ["SLURM_PROCID": "0", "SLURM_NTASKS": "8"]) == nil)
    }

    @Test func torchrunIsFound() throws {
        let variables = [
            "RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "node0",
            "MASTER_PORT": "29500", "TORCHELASTIC_RESTART_COUNT": "2", "TORCHELASTIC_USE_AGENT_STORE": "True",
        ]
        let world = World(
            rank: 3, size: 4, localRank: 1, localSize: 2, address: "node0", port: 29_500, restart: 2,
            launcherServes: true)
        #expect(try World.found(in: variables) == world)
        #expect(try World.found(in: world.environment) == world)
    }

    @Test func aPersonNeedNotSayAll() throws {
        let variables = ["RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "5000"]
        let world = try #require(try World.found(in: variables))
        #expect(world.localRank == 1 && world.localSize == 2 && world.restart == 0 && !world.launcherServes)
    }

    @Test func mpirunAndSrunAreFound() throws {
        let mpi = [
            "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_LOCAL_RANK": "0",
            "OMPI_COMM_WORLD_LOCAL_SIZE": "1", "MASTER_ADDR": "a", "MASTER_PORT": "5000",
        ]
        #expect(try World.found(in: mpi)?.localSize == 1)
        let pmi = ["PMI_RANK": "0", "PMI_SIZE": "2", "MASTER_ADDR": "a", "MASTER_PORT": "5000"]
        #expect(try World.found(in: pmi)?.rank == 0)
        let slurm = [
            "SLURM_PROCID": "5", "SLURM_NTASKS": "7", "SLURM_LOCALID": "1", "SLURM_TASKS_PER_NODE": "2(x3),1",
            "SLURM_STEP_NODELIST": "gpu[03-05,9],x1", "SLURM_JOB_ID": "41234", "SLURM_RESTART_COUNT": "1",
        ]
        #expect(
            try World.found(in: slurm, launcher: .slurm)
                == World(rank: 5, size: 7, localRank: 1, localSize: 2, address: "gpu03", port: 21_234, restart: 1))
        #expect(World.firstNode("x1") == "x1" && World.firstNode("n1,n2") == "n1" && World.firstNode("") == nil)
    }

    @Test(arguments: [
        (["RANK": "0"], "WORLD_SIZE"), (["WORLD_SIZE": "2"], "RANK"), (["RANK": "2", "WORLD_SIZE": "2"], "0 to 1"),
        (["RANK": "x", "WORLD_SIZE": "2"], "`x`"), (["RANK": "0", "WORLD_SIZE": "2"], "MASTER_ADDR"),
        (["RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "a"], "MASTER_PORT"),
        (["RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "a", "MASTER_PORT": "99999"], "65535"),
        (["OMPI_COMM_WORLD_SIZE": "2"], "OMPI_COMM_WORLD_RANK"),
    ]) func partsAreRefusedByName(variables: [String: String], words: String) {
        let error = #expect(throws: WorldError.self) { _ = try World.found(in: variables) }
        #expect(error?.description.contains(words) == true)
    }
}
