//! One planner per project: from posts and readers' messages to planned comments.

mod comment_planner;

pub(crate) use comment_planner::{CommentPlanner, PlannerMessage};
