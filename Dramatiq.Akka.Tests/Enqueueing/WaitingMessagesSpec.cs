using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Tests.Enqueueing;

public sealed class WaitingMessagesSpec
{
    private readonly WaitingMessages _waiting = new();

    [Fact]
    public void Messages_must_leave_in_the_order_in_which_they_came_however_many()
    {
        for (var i = 1; i <= 10; i++)
            _waiting.Add(Numbered(i));
        for (var i = 1; i <= 9; i++)
            Assert.True(_waiting.TryTake(out _));
        for (var i = 11; i <= 60; i++)
            _waiting.Add(Numbered(i));
        Assert.Equal(Enumerable.Range(10, 51).Select(static i => (long)i), TakeAll());
        Assert.False(_waiting.TryPeek(out _));
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3 }, new[] { 4, 5 })]
    [InlineData(new[] { 4, 5 }, new[] { 1, 2, 3 })]
    [InlineData(new[] { 2, 4 }, new[] { 1, 3, 5 })]
    [InlineData(new[] { 3 }, new[] { 5, 1, 4, 2 })]
    [InlineData(new int[0], new[] { 2, 1, 3 })]
    public void Message_put_back_must_stand_where_it_stood(int[] waiting, int[] back)
    {
        foreach (var number in waiting)
            _waiting.Add(Numbered(number));
        _waiting.PutBack([.. back.Select(static number => Numbered(number))]);
        Assert.Equal(waiting.Concat(back).Order().Select(static i => (long)i), _waiting.All.Select(static context => context.Number));
        Assert.Equal(waiting.Concat(back).Order().Select(static i => (long)i), TakeAll());
    }

    private static EnqueueContext Numbered(long number) => new(new Message("default", "greet", "[]"u8.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty, Message.NewId(), 0), null, 0, new TaskReply(new TaskCompletionSource<Enqueued>())) { Number = number };

    private IEnumerable<long> TakeAll()
    {
        while (_waiting.TryTake(out var context))
            yield return context.Number;
    }
}
