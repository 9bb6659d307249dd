using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Testing.Time;

namespace Millpond.Sim.Clockwork;

/// <summary>The surroundings of one process among several on one simulated thread.</summary>
internal sealed class ProcessSurroundings(SimulatedSurroundings all, Gate gate, Func<Nonce>? tokens) : Surroundings(new GatedTime(all.Clock, gate))
{
    public override bool ResumesAside => all.ResumesAside;

    public override MemoryFigures Memory => all.Memory;

    public override IDisposable? WatchMemory(Action look) => all.WatchMemory(look);

    public override double NextDouble() => all.NextDouble();

    public override Nonce NextNonce() => tokens?.Invoke() ?? all.NextNonce();

    public override void RunAside(Func<Task> work) => all.RunAside(() =>
    {
        if (gate.IsDead)
            return Task.CompletedTask;
        if (!gate.IsFrozen)
            return work();
        gate.Deliver(() => all.RunAside(work));
        return Task.CompletedTask;
    });

    public override TaskCompletionSource<T> NewCompletion<T>() => all.NewCompletion<T>();

    public override Task<T> Fork<T>(Task<T> shared) => all.Fork(shared);
}
