from django.urls import path

from builder.account_pages import (
    account,
    keys,
    library_changes,
    my_templates,
    security_page,
    signup,
    views,
)

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-in/code", views.give_code, name="sign-in-code"),
    path("sign-in/<str:token>", views.sign_in_by_link, name="sign-in-link"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("sign-up", signup.sign_up, name="sign-up"),
    path("invitation/<str:token>", signup.accept, name="invitation"),
    path("me", account.account, name="account"),
    path("me/profile", account.save_profile, name="save-profile"),
    path("me/password", account.save_password, name="save-password"),
    path("me/sessions/end", security_page.end_other_sessions, name="end-sessions"),
    path("me/sessions/<int:session_id>/end", security_page.end_session, name="end-session"),
    path("me/security", security_page.show, name="security"),
    path("me/second-factor/set-up", security_page.set_up, name="second-factor-set-up"),
    path("me/second-factor/confirm", security_page.confirm, name="second-factor-confirm"),
    path("me/second-factor/change", security_page.change, name="second-factor-change"),
    path("me/export", account.export, name="export"),
    path("me/delete", account.delete, name="delete-account"),
    path("me/keys", keys.keys, name="keys"),
    path("me/keys/<str:lookup>/budget", keys.set_budget, name="key-budget"),
    path("me/keys/<str:lookup>/revoke", keys.revoke, name="revoke-key"),
    path("me/invitations", signup.invitations, name="invitations"),
    path("me/invitations/<int:link_id>/revoke", signup.revoke_invitation, name="revoke-invitation"),
    path("me/templates", my_templates.my_templates, name="my-templates"),
    path(
        "me/templates/invitations/<int:invitation_id>/<str:decision>",
        my_templates.answer_invitation,
        name="answer-invitation",
    ),
    path("me/templates/change", library_changes.change_picked, name="change-picked"),
    path(
        "me/templates/folders/<int:folder_id>/rename",
        library_changes.rename_folder,
        name="rename-folder",
    ),
    path(
        "me/templates/folders/<int:folder_id>/delete",
        library_changes.delete_folder,
        name="delete-folder",
    ),
    path("me/templates/<str:public_id>/delete", my_templates.delete, name="delete-template"),
]
