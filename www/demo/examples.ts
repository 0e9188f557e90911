/**
 * Copy written by hand for the presets. It stands on the board where the model cannot write (no WebGPU), always
 * marked as an example: a page that has nothing to show is no use to anybody.
 */
export interface Example {
  readonly format: string;
  readonly tone: string;
  readonly text: string;
}

export const examples: Readonly<Record<string, readonly Example[]>> = {
  quernel: [
    {
      format: "product-blurb",
      tone: "playful",
      text: "The kettle is on, the stairs creak, and Quernel makes hardly a sound. Its steel burrs take your beans from espresso to press, 40 g at a time, and the lid turns into the scoop. Hand grinding that nobody upstairs needs to hear about.",
    },
    { format: "tagline", tone: "playful", text: "Good coffee, whispered." },
    { format: "ad-headline", tone: "plain", text: "A grinder that lets them sleep" },
    {
      format: "ad-description",
      tone: "plain",
      text: "Steel burrs from espresso to press, and quiet enough to leave the house asleep. €89.",
    },
    { format: "email-subject", tone: "warm", text: "Coffee before anyone else is up" },
    {
      format: "meta-description",
      tone: "plain",
      text: "Quernel by Ashlin: a quiet hand coffee grinder with steel burrs, from espresso to press, and a lid that doubles as a scoop. €89.",
    },
  ],
  ottersby: [
    {
      format: "social-post",
      tone: "playful",
      text: "The forecast said light showers. The forecast was being kind. Ottersby has taped seams, a long back and piping that lights up in headlights. See you at the bike racks.",
    },
    { format: "tagline", tone: "bold", text: "Let it rain on someone else." },
    {
      format: "product-blurb",
      tone: "warm",
      text: "Ottersby is cut for the handlebars. The long back keeps spray off the saddle, the two-way zip lets some air in on the climb, and the taped seams keep the rain where it belongs. When the sky clears it packs into its own pocket, all 310 g of it.",
    },
    {
      format: "recommendation",
      tone: "plain",
      text: "For a commute in all weathers: Ottersby is waterproof with taped seams, reaches down over the saddle at the back, and packs into its own pocket once the sun turns up.",
    },
    {
      format: "support-reply",
      tone: "warm",
      text: "I can't say for certain. What I have here covers the taped seams, the two-way zip and the long back, and it doesn't mention a hood. Let me ask the people who make Ottersby and write back to you.",
    },
  ],
  wexholt: [
    {
      format: "meta-description",
      tone: "warm",
      text: "Wexholt Yard has desks by the day, phone booths, bike parking and a kitchen with a long table. Open 7:00 to 22:00, with a day pass at €18.",
    },
    { format: "tagline", tone: "warm", text: "Work near people again." },
    { format: "ad-headline", tone: "playful", text: "Desk today, colleagues too" },
    {
      format: "email-body",
      tone: "warm",
      text: "Hello,\n\nThe good thing about working at home is the quiet. After a while, that is also the bad thing.\n\nWexholt Yard has desks by the day, so you can come when you want company and stay away when you don't. There are phone booths for calls, a quiet room for the hard hours and a kitchen with a long table for the rest. Your bicycle gets a place to park as well.\n\nWe are open 7:00 to 22:00, and a day pass is €18.\n\nSee you at the table.",
    },
  ],
  tallywren: [
    {
      format: "ad-description",
      tone: "plain",
      text: "Invoices drafted from your timesheet, and late payers reminded politely. €9 a month.",
    },
    { format: "tagline", tone: "warm", text: "Polite about your money." },
    { format: "email-subject", tone: "playful", text: "Your timesheet already wrote the invoice" },
    {
      format: "support-reply",
      tone: "plain",
      text: "Yes. Tallywren exports to CSV, so your invoices open in any spreadsheet and you can keep a copy wherever you like.",
    },
    {
      format: "blog-intro",
      tone: "plain",
      text: "Ask people who work for themselves which task they put off longest, and few of them name the work. They name the email that comes after it: the one that says, as kindly as possible, that the invoice is late.\n\nIt is an awkward letter to write. You like the client. You would like to go on working together. You would also like to pay the rent. So the draft sits there, and the invoice ages beside it.\n\nThis post is about that letter, why it is easier when you do not write it yourself, and what Tallywren does with a timesheet, a due date and good manners.",
    },
  ],
  "orchard-hush": [
    {
      format: "hero",
      tone: "premium",
      text: "The last cup of the day\nOrchard Hush is a caffeine-free tea of dried apple, lemon balm and a little lavender.",
    },
    { format: "tagline", tone: "warm", text: "Apple, lemon balm, lights out." },
    {
      format: "product-blurb",
      tone: "premium",
      text: "Dried apple first, then lemon balm, then a little lavender. Orchard Hush is caffeine-free and made for the hour after dinner, when the dishes are done and nobody wants anything from you. Each box holds 20 compostable sachets.",
    },
    {
      format: "push",
      tone: "warm",
      text: "The kettle has a suggestion\nOrchard Hush: dried apple, lemon balm, a little lavender and no caffeine.",
    },
  ],
  puddlejack: [
    { format: "push", tone: "bold", text: "Drop it in the lake\nPuddlejack floats, and its battery lasts 14 hours." },
    { format: "tagline", tone: "bold", text: "Music that swims back." },
    {
      format: "social-post",
      tone: "playful",
      text: "Someone always throws the speaker in. Fine. Puddlejack floats, hangs from a branch to dry and charges by USB-C when you get home. Moss, brick or chalk?",
    },
    {
      format: "product-blurb",
      tone: "bold",
      text: "Hang Puddlejack from a branch by its strap, or let it drift beside you: it floats. The battery lasts 14 hours, it charges by USB-C, and it pairs with another one when the far bank wants to join in. In moss, brick or chalk.",
    },
  ],
};
