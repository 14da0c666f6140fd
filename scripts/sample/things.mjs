// @ts-check
// What the sample shows: 24 things for each class, by the names that all drawing sets share (Unicode's own emoji names).
// Order matters: drawingPlan.mjs gives the first ones to training, the last ones to validation, the middle ones to both.

/** @param {string} names separated by white space */
const list = (names) => names.trim().split(/\s+/);

/** @type {Readonly<Record<string, readonly string[]>>} */
export const thingsByClass = {
  animals: list(`
    dog cat horse cow pig rabbit elephant giraffe zebra camel deer kangaroo
    duck rooster owl turtle fish crab
    goat hippopotamus squid penguin snail butterfly`),
  buildings: list(`
    house castle church bank hospital factory mosque school hotel post-office hut tokyo-tower
    japanese-castle convenience-store office-building synagogue derelict-house stadium
    house-with-garden classical-building department-store hindu-temple japanese-post-office houses`),
  clothes: list(`
    t-shirt dress jeans coat necktie socks top-hat high-heeled-shoe running-shoe gloves scarf bikini
    mans-shoe womans-hat shorts kimono hiking-boot briefs
    running-shirt womans-boot billed-cap lab-coat one-piece-swimsuit flat-shoe`),
  faces: list(`
    grinning-face face-with-tears-of-joy smiling-face-with-heart-eyes winking-face thinking-face crying-face
    sleeping-face angry-face neutral-face smiling-face-with-sunglasses astonished-face nerd-face
    pensive-face kissing-face confused-face zany-face fearful-face unamused-face
    frowning-face hushed-face smirking-face yawning-face grimacing-face slightly-smiling-face`),
  food: list(`
    hamburger pizza french-fries hot-dog sushi birthday-cake doughnut ice-cream red-apple banana strawberry watermelon
    carrot broccoli croissant cookie taco cheese-wedge
    sandwich pretzel pear cupcake ear-of-corn spaghetti`),
  plants: list(`
    deciduous-tree evergreen-tree palm-tree cactus seedling herb rose tulip sunflower hibiscus maple-leaf
    four-leaf-clover
    cherry-blossom potted-plant fallen-leaf sheaf-of-rice bouquet hyacinth
    blossom shamrock leaf-fluttering-in-wind lotus wilted-flower christmas-tree`),
  sports: list(`
    soccer-ball basketball american-football baseball tennis volleyball bowling boxing-glove badminton ice-hockey skis
    flag-in-hole
    rugby-football ping-pong goal-net lacrosse curling-stone cricket-game
    softball field-hockey pool-8-ball flying-disc sled ice-skate`),
  vehicles: list(`
    automobile bus airplane helicopter bicycle motorcycle sailboat ship locomotive fire-engine tractor rocket
    taxi ambulance delivery-truck speedboat racing-car tram
    police-car minibus motor-scooter articulated-lorry pickup-truck canoe`),
};
