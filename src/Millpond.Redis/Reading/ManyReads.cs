using Millpond.Redis.Requests;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Reading;

/// <summary>
/// Reads many records: one plain read for each partition, all of them sent together, so one round trip and one piece for each node; and one step for each partition where something is missing.
/// </summary>
internal sealed class ManyReads(RespClient client, Func<PartitionId, RedisPartition> partitions)
{
    /// <summary>The engine serves nobody else meanwhile, and a step over as many is a millisecond.</summary>
    private const int AtOnceMax = 256;

    public async ValueTask<ReadReply[]> ReadAsync(IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken)
    {
        var replies = new ReadReply[keys.Count];
        Part[] parts = [.. Enumerable.Range(0, keys.Count).GroupBy(i => keys[i].Partition).SelectMany(of => of.Chunk(AtOnceMax), (of, some) => new Part(partitions(of.Key), some))];
        var requests = new PlainRead[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var partition = parts[i].Partition;
            requests[i] = new PlainRead(partition.Keys, parts[i].Indexes.Select(index => partition.Keys.RecordOf(keys[index].Text)).ToArray());
        }

        var outcomes = new RespOutcome<PlainReply>[parts.Length];
        await client.SendBatchAsync<PlainRead, PlainReply>(requests, outcomes, cancellationToken).ConfigureAwait(false);
        List<Task> steps = [];
        for (var i = 0; i < parts.Length; i++)
        {
            if (outcomes[i].Error is RespException failure)
            {
                throw Failures.Of("read", parts[i].Partition.Keys.Id, failure);
            }

            int[] missing = [.. Use(parts[i], outcomes[i].Result, replies, asks.Count == 0)];
            if (missing.Length > 0)
            {
                steps.Add(ReadStepAsync(parts[i].Partition, missing, keys, asks, replies, cancellationToken));
            }
        }

        await Task.WhenAll(steps).ConfigureAwait(false);
        return replies;
    }

    private static List<int> Use(Part part, in PlainReply read, ReadReply[] replies, bool onlyReads)
    {
        List<int> missing = [];
        for (var j = 0; j < part.Indexes.Length; j++)
        {
            var index = part.Indexes[j];
            if (part.Partition.TryUse(read, part.Indexes.Length == 1 ? read.Only : read.All![j], onlyReads) is { } reply)
            {
                replies[index] = reply;
            }
            else
            {
                missing.Add(index);
            }
        }

        return missing;
    }

    private static async Task ReadStepAsync(
        RedisPartition partition, int[] missing, IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, ReadReply[] replies, CancellationToken cancellationToken)
    {
        try
        {
            var some = await partition.ReadStepAsync(
                [.. missing.Select(index => keys[index].Text)], asks.Count == 0 ? [] : [.. missing.Select(index => asks[index])], cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < missing.Length; i++)
            {
                replies[missing[i]] = some[i];
            }
        }
        catch (RespException failure)
        {
            throw Failures.Of("read", partition.Keys.Id, failure);
        }
    }

    private sealed record Part(RedisPartition Partition, int[] Indexes);
}
