using Millpond.Redis.Layout;
using Millpond.Redis.Requests;
using Millpond.Redis.Steps;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Watched;

/// <summary>What a step looks at before it decides.</summary>
/// <param name="Texts">The records.</param>
/// <param name="IsWhole">Whether with their values, and not their heads alone.</param>
/// <param name="Scopes">The scopes that it changes; null for a step that does not look at floors.</param>
/// <param name="IsChange">Whether it changes the control record, and so meets every other step of the partition.</param>
internal sealed record StepView(IReadOnlyList<string> Texts, bool IsWhole, IReadOnlyList<string>? Scopes, bool IsChange);

/// <summary>Watches and reads, in one round trip, what a step decides upon.</summary>
internal sealed class Watching(StepLimits limits, Func<Nonce> draw, string publish)
{
    public async Task<StepDraft> LookAsync(PooledSession session, PartitionKeys partition, StepView view)
    {
        string[] texts = [.. view.Texts.Distinct(StringComparer.Ordinal)];
        byte[][] keys = [.. texts.Select(partition.RecordOf)];
        List<Task<RespValue>> told = [];
        if (session.HasWatches)
        {
            told.Add(session.TellAsync(new RespCommand("UNWATCH")));
        }

        session.HasWatches = true;
        RespArgument[] floors = view.Scopes is null ? [] : [partition.Floors];
        told.Add(session.TellAsync(new RespCommand("WATCH", [partition.Control, .. floors, .. keys.Select(key => (RespArgument)key)])));
        var control = session.TellAsync(new RespCommand("GET", partition.Control));
        var time = session.TellAsync(new RespCommand("TIME"));
        Task<RespValue>[] found = FloorReads(session, partition, view.Scopes);
        Task<PooledBytes?>[] records = [.. keys.Select(key => session.ReadAsync(key, view.IsWhole ? 0 : RecordDraft.HeadLength))];
        try
        {
            await Task.WhenAll([.. told, control, time, .. found, .. records]).ConfigureAwait(false);
        }
        catch
        {
            // What came is given back; each was waited for.
            foreach (var read in records.Where(read => read.IsCompletedSuccessfully))
            {
                (await read.ConfigureAwait(false))?.Dispose();
            }

            throw;
        }

        var moment = await time.ConfigureAwait(false);
        var milliseconds = (moment.Items[0].Integer * 1_000) + (moment.Items[1].Integer / 1_000);
        var draft = Control(session, partition, await control.ConfigureAwait(false), await Task.WhenAll(found).ConfigureAwait(false), view.Scopes);
        var byText = new Dictionary<string, RecordDraft>(StringComparer.Ordinal);
        for (var i = 0; i < texts.Length; i++)
        {
            byText[texts[i]] = new RecordDraft(keys[i], await records[i].ConfigureAwait(false), draft.Image.State.Incarnation, milliseconds);
        }

        return new StepDraft(partition, draft, [.. view.Texts.Select(text => byText[text])], milliseconds, session.Life, limits, publish);
    }

    // How many there are; those of the scopes; and as many of the lowest as may merge, with as many again that the step itself may lift before.
    private static Task<RespValue>[] FloorReads(PooledSession session, PartitionKeys partition, IReadOnlyList<string>? scopes) =>
        scopes is null ? []
        : scopes.Count == 0 ? [session.TellAsync(new RespCommand("ZCARD", partition.Floors))]
        :
        [
            session.TellAsync(new RespCommand("ZCARD", partition.Floors)),
            session.TellAsync(new RespCommand("ZMSCORE", [partition.Floors, .. scopes.Select(scope => (RespArgument)scope)])),
            session.TellAsync(new RespCommand("ZRANGE", partition.Floors, 0, (2 * scopes.Count) - 1, "WITHSCORES")),
        ];

    private ControlDraft Control(PooledSession session, PartitionKeys partition, RespValue bytes, RespValue[] floors, IReadOnlyList<string>? scopes)
    {
        // Another life, or a control record that was lost whole or in part: an engine may evict the floors and leave the rest.
        var isSound = ControlImage.TryRead(bytes.Bytes.Span, out var found) && found.Life == session.Life && (floors.Length == 0 || floors[0].Integer == found.FloorCount);
        var nonce = draw();
        var control = new ControlDraft(partition, session.Life, isSound ? found : null, new Incarnation(nonce.High, nonce.Low));
        if (floors.Length > 1)
        {
            for (var i = 0; i < scopes!.Count; i++)
            {
                if (!floors[1].Items[i].IsNull)
                {
                    control.Know(scopes[i], FloorText.Read(floors[1].Items[i]));
                }
            }

            foreach (var (scope, floor) in FloorText.ReadAll(floors[2]))
            {
                control.Know(scope, floor);
            }
        }

        return control;
    }
}
