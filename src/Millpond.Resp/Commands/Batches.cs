using Millpond.Resp.Nodes;
using Millpond.Resp.Topologies;

namespace Millpond.Resp.Commands;

/// <summary>Splits a batch by the node that each request goes to, and sends each part as one.</summary>
internal static class Batches
{
    public static ValueTask Send<TRequest, TResult>(
        ReadOnlyMemory<TRequest> requests, Memory<RespOutcome<TResult>> outcomes, ClientCore core, CancellationToken cancellationToken)
        where TRequest : struct, IRespRequest<TResult>
    {
        if (outcomes.Length < requests.Length)
        {
            throw new ArgumentException($"There is room for {outcomes.Length} outcomes of {requests.Length} requests.", nameof(outcomes));
        }

        if (requests.IsEmpty)
        {
            return ValueTask.CompletedTask;
        }

        var call = new BatchCall<TRequest, TResult>(requests, outcomes, core.Parts.Completions);
        var now = core.Parts.Surroundings.Now;
        var parts = Split<TRequest, TResult>(requests.Span, core.Topology)
            .ConvertAll(p => new PendingPart<TRequest, TResult>(call, p.Indexes, p.Count, core, now, now + core.TimeoutTicks));
        var task = call.Task;
        call.EndOn(cancellationToken);
        foreach (var part in parts)
        {
            core.Dispatch(part);
        }

        return task;
    }

    private static List<(int[]? Indexes, int Count)> Split<TRequest, TResult>(ReadOnlySpan<TRequest> requests, Topology topology)
        where TRequest : struct, IRespRequest<TResult>
    {
        if (!topology.IsDivided)
        {
            return [(null, requests.Length)];
        }

        // Requests whose node is not known yet go together to whoever can tell.
        var unknown = new List<int>();
        var known = new Dictionary<Node, List<int>>();
        for (var i = 0; i < requests.Length; i++)
        {
            ref readonly var request = ref requests[i];
            var indexes = unknown;
            if (topology.Find(request.Slot, request.Traits) is { } node && !known.TryGetValue(node, out indexes))
            {
                known[node] = indexes = [];
            }

            indexes!.Add(i);
        }

        if (unknown.Count > 0)
        {
            return [.. known.Values.Append(unknown).Select(v => ((int[]?)[.. v], v.Count))];
        }

        return known.Count == 1 ? [(null, requests.Length)] : [.. known.Values.Select(v => ((int[]?)[.. v], v.Count))];
    }
}
